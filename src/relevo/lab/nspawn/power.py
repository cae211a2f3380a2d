"""What a machine's firmware does: after a reboot it boots again, with its cable in the same port of the switch.

systemd-nspawn ends with a code of its own when its container reboots (systemd-nspawn(1), "Exit status").
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_REBOOT = 133
_TRIES = 400  # every 0.05 s
# The loop has a control group beside the container's: one with processes of its own can't have groups with controllers.
_LOOP = f"""
group="$1$(sed -n s/^0:://p /proc/self/cgroup)" port="$2" bridge="$3"; shift 3
mkdir -p "$group/power" && echo $$ > "$group/power/cgroup.procs" || exit 1
plug() {{
  for _ in $(seq {_TRIES}); do ip link set "$port" master "$bridge" up 2>/dev/null && return; sleep 0.05; done
  echo "the network port $port did not come back" >&2
}}
while :; do
  sh -c 'echo $$ > "$0/cgroup.procs" && exec "$@"' "$group" "$@"
  code=$?
  [ $code = {_REBOOT} ] || exit $code
  plug &
done
"""


def powered(container: Sequence[str], groups: Path, port: str, bridge: str) -> list[str]:
    """Return the command that boots a container, and again whenever it reboots; it must run in the lab's network.

    `groups`: where control groups of version 2 are mounted.
    """
    return ["sh", "-c", _LOOP, "power", str(groups), port, bridge, *container]
