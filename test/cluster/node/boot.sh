#!/bin/sh
# First program inside a node's new namespaces: gives it a /sys, a /run and cgroups of its own, then waits for
# ever as process 1 and reaps. Called by node.ts with the node's name and a line per cgroup hierarchy:
# "1 <folder> <mount options> <controller>..." or "2".
set -eu
name=$1
shift
hostname "$name"
mount --make-rshared /
mount -t sysfs sysfs /sys
tmpfs=absent
for hierarchy in "$@"; do
  # shellcheck disable=SC2086
  set -- $hierarchy
  if [ "$1" = 2 ]; then
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    mkdir -p /sys/fs/cgroup/init
    echo $$ > /sys/fs/cgroup/init/cgroup.procs
    # node.ts hands on the controllers: the process that waits outside has to leave the group first.
    continue
  fi
  # Asking mountpoint(1) would find the machine's own mount, which the new /sys hides.
  if [ "$tmpfs" = absent ]; then
    mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
    tmpfs=mounted
  fi
  folder=$2 options=$3
  shift 3
  mkdir -p "/sys/fs/cgroup/$folder"
  mount -t cgroup -o "$options" cgroup "/sys/fs/cgroup/$folder"
  for controller in "$@"; do
    [ -e "/sys/fs/cgroup/$controller" ] || ln -s "$folder" "/sys/fs/cgroup/$controller"
  done
done
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock
exec catatonit -P
