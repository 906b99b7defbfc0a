#!/bin/sh
# Unpacks Debian's nginx and sshd below a folder, for the demo and the tests to attack, and other programs by their
# package's name: unpack.sh FOLDER [PACKAGE]...
# Nothing is installed: no service, no user, no configuration outside of FOLDER.
set -eu
mkdir -p "$1"
root=$(cd "$1" && pwd)
shift
wanted=""
[ -x "$root/usr/sbin/nginx" ] && [ -x "$root/usr/sbin/sshd" ] || wanted="nginx nginx-common openssh-server"
for p in "$@"; do [ -x "$root/usr/bin/$p" ] || wanted="$wanted $p"; done
[ -n "$wanted" ] || exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
chmod 755 "$work"
# shellcheck disable=SC2086
if ! apt-get download $wanted >/dev/null 2>&1; then
  sudo=""; [ "$(id -u)" -eq 0 ] || sudo=sudo
  $sudo apt-get update -qq
  # shellcheck disable=SC2086
  apt-get download $wanted >/dev/null
fi
for p in *.deb; do dpkg-deb -x "$p" "$root"; done
