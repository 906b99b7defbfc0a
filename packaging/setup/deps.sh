#!/bin/sh
# Installs what Chiêng needs on Debian 12, without asking: deps.sh build [test] [bench] [lint] [package]
# Only packages that are missing are installed; sudo is used where the user is not root.
set -eu

build="g++ cmake ninja-build make pkg-config ccache git ca-certificates python3
  libpcap-dev libhyperscan-dev libpcre2-dev libzmq3-dev cppzmq-dev nlohmann-json3-dev libboost1.81-dev libboost-url1.81-dev
  libsqlite3-dev libssl-dev libsodium-dev zlib1g-dev libisal-dev libbrotli-dev libzstd-dev liblzma-dev libyaml-cpp-dev libcli11-dev
  libfmt-dev libspdlog-dev libhowardhinnant-date-dev libsystemd-dev libcap-ng-dev libseccomp-dev
  libgtest-dev libgmock-dev libbenchmark-dev"
# What the demo and the tests talk to; nginx and sshd are unpacked below build/, never installed as services.
test="chromium curl iproute2 openssl openssh-client sshpass python3-jsonschema dnsutils procps util-linux zstd
  dpkg-dev fakeroot tcpreplay tshark libwrap0 libpam0g libselinux1 libgssapi-krb5-2 libcrypt1"
lint="libclang-rt-19-dev clang-19 clang-tidy-19 clang-format-19"
bench="wrk tcpdump iproute2 openssl nghttp2-client dnsmasq-base dnsperf chromium"
package="dpkg-dev fakeroot"

wanted=""
for group in "$@"; do
  case "$group" in
    build) wanted="$wanted $build" ;;
    test) wanted="$wanted $test" ;;
    bench) wanted="$wanted $bench" ;;
    lint) wanted="$wanted $lint" ;;
    package) wanted="$wanted $package" ;;
    *) echo "deps.sh: unknown group '$group'; known are build, test, bench, lint and package" >&2; exit 2 ;;
  esac
done

# Node and npm come from Debian only where there is none: other sources' nodejs conflicts with Debian's npm.
case " $* " in *" build "*)
  command -v node >/dev/null 2>&1 || wanted="$wanted nodejs"
  command -v npm >/dev/null 2>&1 || wanted="$wanted npm" ;;
esac

missing=""
for p in $wanted; do
  dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

sudo=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 || { echo "deps.sh: these packages are missing:$missing; install sudo or run as root" >&2; exit 1; }
  sudo="sudo"
fi
echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
