#!/bin/sh
# Unpacks Debian's nginx and sshd below a folder, for the demo and the tests to attack: unpack.sh FOLDER
# Nothing is installed: no service, no user, no configuration outside of FOLDER.
set -eu
mkdir -p "$1"
root=$(cd "$1" && pwd)
[ -x "$root/usr/sbin/nginx" ] && [ -x "$root/usr/sbin/sshd" ] && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
chmod 755 "$work"
if ! apt-get download nginx nginx-common openssh-server >/dev/null 2>&1; then
  sudo=""; [ "$(id -u)" -eq 0 ] || sudo=sudo
  $sudo apt-get update -qq
  apt-get download nginx nginx-common openssh-server >/dev/null
fi
for p in *.deb; do dpkg-deb -x "$p" "$root"; done
