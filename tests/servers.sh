#!/usr/bin/env bash
# Makes the servers that the tests and the demo talk to available, and prints nothing when there is nothing to do.
#
#   tests/servers.sh [NAME...]      NAME: sshd vsftpd proftpd pure-ftpd nginx python rclone chromium openssl curl (default: these); lftp
#
# Debian's FTP servers conflict with one another as installed packages, and an installed one would start a daemon: vsftpd,
# proftpd, pure-ftpd and nginx are only downloaded and unpacked, with the libraries that this machine lacks, into a cache folder
# (GATEWAY_TEST_CACHE, else $XDG_CACHE_HOME/gateway-tests, else ~/.cache/gateway-tests). The rest has no such conflict and is
# installed where it is missing, as root or through sudo, without starting a service.
set -euo pipefail

cache=${GATEWAY_TEST_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/gateway-tests}
say() { printf 'servers: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo -n "$@" || die "needs root for: $* (run as root, or allow sudo without a password)"
  else die "needs root for: $* (run as root, or install sudo)"
  fi
}

# Package lists may be absent (a fresh container) or so old that what they name is gone from the mirror.
updated=
update_lists() {
  [ -z "$updated" ] || return 1
  updated=1
  say 'apt-get update'
  as_root apt-get update -qq -o Acquire::Retries=3 || die 'apt-get update failed'
}

knows() { apt-cache show "$1" >/dev/null 2>&1; }
installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# A package that ships a service must not start it here, nor at the next boot.
install_packages() {
  local package
  for package in "$@"; do knows "$package" || { update_lists && knows "$package"; } || die "no package $package in this distribution"; done
  say "installing $*"
  local policy=/usr/sbin/policy-rc.d made=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    made=1
  fi
  local failed=
  apt_install "$@" || { update_lists && apt_install "$@"; } || failed=1
  [ -z "$made" ] || as_root rm -f "$policy"
  [ -z "$failed" ] || die "could not install $*"
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 \
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" >&2
}

need_command() {
  local command=$1; shift
  PATH=$PATH:/usr/sbin:/sbin command -v "$command" >/dev/null || install_packages "$@"
}

# Ubuntu has Chromium as a snap only; Chrome does as well.
need_browser() {
  local browser
  for browser in chromium google-chrome chromium-browser; do
    if command -v "$browser" >/dev/null; then return 0; fi
  done
  install_packages chromium
}

need_sshd() {
  need_command ssh openssh-client
  if [ ! -x /usr/sbin/sshd ]; then
    install_packages openssh-server
    if [ -d /run/systemd/system ]; then
      as_root systemctl disable --quiet ssh.service ssh.socket 2>/dev/null || true
    fi
  fi
}

need_python() {
  local missing=()
  [ -x /usr/bin/python3 ] || missing+=(python3)
  local pair
  for pair in asyncssh:python3-asyncssh pyftpdlib:python3-pyftpdlib OpenSSL:python3-openssl; do
    /usr/bin/python3 -W ignore -c "import ${pair%%:*}" 2>/dev/null || missing+=("${pair##*:}")
  done
  [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
}

# unpack NAME PROBE PACKAGE...: into $cache/NAME, complete or not at all. PROBE is a file that must come out of it.
unpack() {
  local name=$1 probe=$2; shift 2
  [ ! -e "$cache/$name/$probe" ] || return 0
  local package
  for package in "$@"; do knows "$package" || { update_lists && knows "$package"; } || die "no package $package in this distribution"; done
  say "unpacking $* into $cache/$name"
  local work
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/.$name.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  mkdir "$work/debs" "$work/root"
  fetch "$work/debs" "$@"
  fetch_libraries "$work/debs"
  local deb
  for deb in "$work"/debs/*.deb; do dpkg-deb -x "$deb" "$work/root"; done
  [ -e "$work/root/$probe" ] || die "$* did not contain $probe"
  chmod -R go+rX "$work/root"
  rm -rf "${cache:?}/$name"
  mv "$work/root" "$cache/$name"
  rm -rf "$work"
  trap - EXIT
}

fetch() {
  local folder=$1; shift
  download "$folder" "$@" || { update_lists && download "$folder" "$@"; } || die "could not download $*"
}

download() {
  local folder=$1; shift
  (cd "$folder" && apt-get download -qq -o Acquire::Retries=3 -o APT::Sandbox::User=root "$@" >&2)
}

# What is unpacked is not installed, so its libraries may be missing: fetches them, and theirs, until nothing is.
fetch_libraries() {
  local folder=$1 deb name again=1
  while [ -n "$again" ]; do
    again=
    for deb in "$folder"/*.deb; do
      for name in $(dpkg-deb -f "$deb" Depends | tr ',' '\n' | sed -E 's/^ *//; s/[ (|:].*//' | grep '^lib'); do
        if ! installed "$name" && knows "$name" && ! compgen -G "$folder/${name}_*.deb" >/dev/null; then
          fetch "$folder" "$name"
          again=1
        fi
      done
    done
  done
}

[ $# -gt 0 ] || set -- sshd vsftpd proftpd pure-ftpd nginx python rclone chromium openssl curl
command -v apt-get >/dev/null || die 'needs a Debian or Ubuntu system (no apt-get here)'
mkdir -p "$cache"
exec 9>"$cache/.lock"
flock 9
for name in "$@"; do
  case $name in
    sshd) need_sshd ;;
    vsftpd) unpack vsftpd usr/sbin/vsftpd vsftpd ;;
    proftpd) unpack proftpd usr/lib/proftpd/mod_tls.so proftpd-core proftpd-mod-crypto ;;
    pure-ftpd) unpack pure-ftpd usr/sbin/pure-ftpd pure-ftpd ;;
    nginx) unpack nginx usr/sbin/nginx nginx ;;
    python) need_python ;;
    rclone) need_command rclone rclone ;;
    chromium) need_browser ;;
    openssl|curl|lftp) need_command "$name" "$name" ;;
    *) die "unknown server $name" ;;
  esac
done
