#!/usr/bin/env bash
# Installs by apt what building VRM needs and this machine lacks; says nothing and does nothing when all is there.
#
#   .ci/deps.sh           to build and to play the examples
#   .ci/deps.sh --tests   what the tests need besides, with a Node of their own in tests/interop/node_modules
#
# It works as root, else through sudo, else it prints the one command to type and ends with 1.
set -euo pipefail
cd "$(dirname "$0")/.."

for_building="g++ cmake ninja-build pkg-config python3 git ca-certificates curl procps util-linux
  libsodium-dev libsqlite3-dev libmicrohttpd-dev libcpp-httplib-dev libcli11-dev libcurl4-openssl-dev libssl-dev
  nlohmann-json3-dev libidn2-dev libqrcodegencpp-dev doctest-dev"
for_tests="clang libclang-rt-14-dev clang-format shellcheck strace sqlite3 tmux openssl iproute2"

wanted=$for_building
with_tests=no
case "${1-}" in
  "") ;;
  --tests)
    with_tests=yes
    wanted+=" $for_tests"
    if [ -f tests/interop/package.json ] && ! { command -v node && command -v npm; } >/dev/null; then
      wanted+=" npm"
    fi
    ;;
  *)
    echo "usage: .ci/deps.sh [--tests]" >&2
    exit 2
    ;;
esac

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# The wanted packages that are not installed.
missing() {
  local there
  # shellcheck disable=SC2086  # a list of words
  there=" $(dpkg-query -W -f='${db:Status-Status}:${Package} ' $wanted 2>/dev/null || true)"
  for package in $wanted; do
    case "$there" in *" installed:$package "*) ;; *) printf '%s ' "$package" ;; esac
  done
}

# Runs a command as root; what it says is kept for the case that it fails.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@" >>"$log" 2>&1 </dev/null
  else
    # shellcheck disable=SC2024  # the log is ours to write
    sudo -- "$@" >>"$log" 2>&1
  fi
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 "$@"
}

can_be_root() {
  [ "$(id -u)" = 0 ] && return 0
  command -v sudo >/dev/null || return 1
  sudo -n true 2>/dev/null || [ -t 0 ]
}

install_packages() {
  local list
  list=$(missing)
  [ -n "$list" ] || return 0
  if ! can_be_root; then
    echo "These packages are missing and only root can install them. Please type:" >&2
    echo "  apt-get update && apt-get install --no-install-recommends ${list% }" >&2
    exit 1
  fi
  echo "== installing: ${list% }"
  # shellcheck disable=SC2086
  if [ -n "$(find /var/lib/apt/lists -name '*_Packages*' -print -quit 2>/dev/null)" ] &&
    apt install --no-install-recommends $list; then
    return 0
  fi
  # shellcheck disable=SC2086
  if apt update && apt install --no-install-recommends $list; then
    return 0
  fi
  cat "$log" >&2
  echo "apt could not install: ${list% }" >&2
  exit 1
}

install_node_packages() {
  local here=tests/interop
  local stamp=$here/node_modules/.installed-from
  [ -f $here/package.json ] || return 0
  if cmp -s $here/package-lock.json $stamp; then return 0; fi
  echo "== installing the tests' Node packages"
  for try in 1 2; do
    if (cd $here && npm ci --no-audit --no-fund --no-update-notifier --loglevel=error) >"$log" 2>&1 </dev/null; then
      cp $here/package-lock.json $stamp
      return 0
    fi
    [ $try = 2 ] || sleep 5
  done
  cat "$log" >&2
  echo "npm could not install what $here/package-lock.json names" >&2
  exit 1
}

if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
  install_packages
else
  # shellcheck disable=SC2086
  echo "no apt here, so please see to these packages yourself (their names in Debian 12):" $wanted >&2
fi
if [ $with_tests = yes ]; then install_node_packages; fi
