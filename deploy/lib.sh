# Shared by the scripts beside it: where things are, what is installed, which Swift. Source it; never run it.
# Must never install what is there already, and never ask a question.
# shellcheck shell=bash
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
version=$(cat "$top/deploy/version")
build=$top/build
# apt, mke2fs and debootstrap are where a user's PATH may not reach.
PATH=$PATH:/usr/sbin:/sbin
export version build PATH

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# as_root COMMAND…: directly, or with sudo where that works without a question asked in a script.
as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"
  elif command -v sudo > /dev/null; then sudo -- "$@"
  else
    say "cannot run '$*': it needs root (run this as root, or install sudo)" >&2
    return 1
  fi
}

# listed LIST…: the packages of deploy/packages/LIST.txt
listed() {
  local list
  for list; do sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$top/deploy/packages/$list.txt"; done
}

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2> /dev/null) == installed ]]; }

# need LIST…: installs what is missing of those lists; silent and quick when nothing is.
need() {
  local package missing=()
  command -v dpkg-query > /dev/null || die "cannot install what is needed: this is not a Debian ($*: see deploy/packages)"
  for package in $(listed "$@"); do installed "$package" || missing+=("$package"); done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  say "installing: ${missing[*]}"
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}")
  if ! as_root "${install[@]}" > /dev/null 2>&1; then
    as_root apt-get update -qq || return 1
    as_root "${install[@]}" > /dev/null || return 1
  fi
  # Debian starts a server when it is installed; here they are only programs for the tests to supervise.
  if [[ -d /run/systemd/system ]]; then
    for package in "${missing[@]}"; do
      case $package in
        nginx-light) as_root systemctl disable --now --quiet nginx.service ;;
        redis-server) as_root systemctl disable --now --quiet redis-server.service ;;
      esac
    done
  fi
}

# Puts swift on PATH or says what to do.
need_swift() {
  local place
  if ! command -v swift > /dev/null; then
    for place in /opt/swift/usr/bin /usr/local/swift/usr/bin /usr/share/swift/usr/bin "${HOME:-/root}/.local/share/swiftly/bin"; do
      if [[ -x $place/swift ]]; then PATH=$place:$PATH; break; fi
    done
  fi
  command -v swift > /dev/null || die "cannot build: Swift 6.2 or later is not installed (get it from https://www.swift.org/install/linux/ and unpack it to /opt/swift, or put its usr/bin on PATH)"
}

# Builds the four programs for release, the Swift runtime inside, and sets `bin`. NOVA_BIN_DIR overrides
# it with programs that are built already.
build_release() {
  if [[ -n ${NOVA_BIN_DIR:-} ]]; then bin=$NOVA_BIN_DIR; return; fi
  need build
  need_swift
  local flags=(-c release --static-swift-stdlib -Xlinker -z -Xlinker relro -Xlinker -z -Xlinker now --package-path "$top")
  swift build "${flags[@]}" || return 1
  bin=$(swift build "${flags[@]}" --show-bin-path)
  export bin
}
