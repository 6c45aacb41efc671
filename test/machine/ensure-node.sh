#!/bin/sh
# Makes sure that the Node which the project pins can run: any npm will do to install it, and it needs libatomic.
# Installs both from the system's packages on Debian and Ubuntu, as root; elsewhere says what to install.
set -eu

install_package() {
  if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    echo "installing $1 from the system's package sources"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "$1" > /dev/null
    return
  fi
  echo "$2 is missing: install it (Debian, Ubuntu: apt-get install $1, as root)" >&2
  exit 1
}

command -v npm > /dev/null || install_package npm "Node.js with npm"
[ -n "$(find /lib /lib64 /usr/lib /usr/lib64 -name 'libatomic.so.1' 2> /dev/null | head -n 1)" ] ||
  install_package libatomic1 libatomic
