#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ct: a container has processes, mounts and a name of its own, and the kernel of
# this machine. Its network is that of a host which the lab has made, as the
# containers of a pod join the pod's.
. "$(dirname "$0")/image.sh"
image

capabilities='["CAP_NET_RAW"]' # to ping
mkdir -p "$state/ct"
cat >"$state/ct/config.json" <<EOT
{
  "ociVersion": "1.0.2",
  "hostname": "ct",
  "root": {"path": "$root", "readonly": true},
  "mounts": [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs"},
    {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
      "options": ["newinstance", "ptmxmode=0666"]}
  ],
  "process": {
    "args": ["/init"],
    "cwd": "/",
    "env": ["PATH=/bin", "name=ct", "${terminal:-terminal=}"],
    "terminal": $([ -n "$terminal" ] && echo true || echo false),
    "user": {"uid": 0, "gid": 0},
    "capabilities": {"bounding": $capabilities, "effective": $capabilities,
      "permitted": $capabilities, "inheritable": $capabilities}
  },
  "linux": {
    "namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "uts"},
      {"type": "ipc"}]
  }
}
EOT
# Where version 1 of cgroups is still mounted, crun does not like to see it.
exec switchctl exec ct sh -c '
	[ -e /sys/fs/cgroup/cgroup.procs ] ||
		mount -t cgroup2 none /sys/fs/cgroup
	exec "$@"' - crun --root "$state/crun" --cgroup-manager disabled \
	run --bundle "$state/ct" ct
