#!/usr/bin/env bash
# Builds chieng-agent and chieng-server as Debian packages: build.sh BUILD OUTPUT
# dpkg-shlibdeps finds the libraries that each program needs; nothing is downloaded.
set -euo pipefail
umask 022
build=$(cd "$1" && pwd)
mkdir -p "$2"
output=$(cd "$2" && pwd)
top=$(cd "$(dirname "$0")/../.." && pwd)
version=$("$build/agent/chieng-agent" version | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1)
arch=$(dpkg --print-architecture)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
# Packages of one commit are equal to the byte: times come from the commit.
SOURCE_DATE_EPOCH=$(git -C "$top" log -1 --format=%ct 2>/dev/null || date +%s)
export SOURCE_DATE_EPOCH

put() { install -D -m "$1" "$2" "$3"; }

# package NAME PROGRAM: what both have
package() {
  local name=$1 program=$2 root=$stage/$1
  put 755 "$program" "$root/usr/bin/$name"
  strip --strip-unneeded "$root/usr/bin/$name"
  put 644 "$top/packaging/systemd/$name.service" "$root/usr/lib/systemd/system/$name.service"
  put 644 "$top/packaging/deb/$name.sysusers" "$root/usr/lib/sysusers.d/$name.conf"
  put 644 "$top/LICENSE" "$root/usr/share/doc/$name/copyright"
  put 644 "$top/docs/install.md" "$root/usr/share/doc/$name/README.md"
  mkdir -p "$root/DEBIAN" "$stage/debian"
  for script in postinst prerm postrm; do
    sed "s/@NAME@/$name/g" "$top/packaging/deb/$script" >"$root/DEBIAN/$script"
    chmod 755 "$root/DEBIAN/$script"
  done
}

finish() {
  local name=$1 summary=$2 root=$stage/$1 depends
  printf 'Source: chieng\n\nPackage: %s\nArchitecture: any\n' "$name" >"$stage/debian/control"
  depends=$(cd "$stage" && dpkg-shlibdeps -O --ignore-missing-info -e "$root/usr/bin/$name" | sed 's/^shlibs:Depends=//')
  (cd "$root" && find etc -type f 2>/dev/null | sed 's|^|/|') >"$root/DEBIAN/conffiles"
  [ -s "$root/DEBIAN/conffiles" ] || rm -f "$root/DEBIAN/conffiles"
  cat >"$root/DEBIAN/control" <<EOF
Package: $name
Version: $version
Architecture: $arch
Maintainer: Chiêng developers <chieng@localhost>
Section: net
Priority: optional
Depends: $depends, systemd
Description: $summary
EOF
  (cd "$root" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
  find "$root" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  fakeroot dpkg-deb --build -Zxz "$root" "$output/${name}_${version}_${arch}.deb" >/dev/null
  echo "$output/${name}_${version}_${arch}.deb ($(du -k "$output/${name}_${version}_${arch}.deb" | cut -f1) KiB)"
}

package chieng-agent "$build/agent/chieng-agent"
for kind in rules sigma log-formats; do
  (cd "$top/packaging/content/$kind" && find . -type f -print0) | while IFS= read -r -d '' file; do
    put 644 "$top/packaging/content/$kind/$file" "$stage/chieng-agent/usr/share/chieng/content/$kind/$file"
  done
done
put 640 "$top/packaging/deb/agent.yaml" "$stage/chieng-agent/etc/chieng/agent.yaml"
finish chieng-agent "Chiêng agent: watches an office's traffic and logs, alerts the centre"

package chieng-server "$build/server/chieng-server"
put 640 "$top/packaging/deb/server.yaml" "$stage/chieng-server/etc/chieng/server.yaml"
finish chieng-server "Chiêng server: alerts of many agencies, grouped, with a console"
