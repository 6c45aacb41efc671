#!/bin/sh
# Any npm will do: it installs the Node that the project pins. Installs the system's where there is none.
set -eu
if command -v npm > /dev/null; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
  echo "installing npm from the system's package sources"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends npm > /dev/null
  exit 0
fi
echo "npm is missing: install Node.js with npm (Debian, Ubuntu: apt-get install npm, as root)" >&2
exit 1
