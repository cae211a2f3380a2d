"""The commands that break a service or a disk of a machine, and those that undo it. Pure; all may be repeated."""

from __future__ import annotations

from relevo.cluster.wires import RELEVO_PYTHON, STORAGE_VOLUME

LEFT_FREE = 64 << 20  # bytes that a full disk keeps: the machine itself must live
_DROP_IN = "/run/systemd/system/$0.d"  # below /run: a reboot undoes it
_BAR = f"""
set -e
mkdir -p {_DROP_IN}
printf '[Service]\\nExecStartPre=\\nExecStartPre=/bin/false\\n' > {_DROP_IN}/zz-relevo-drill.conf
systemctl daemon-reload
"""
_LOOP = f"""{_BAR}
systemctl kill --kill-whom=main --signal=KILL "$0" || systemctl --no-block restart "$0"
"""
_UNLOOP = f"""
set -e
test -e {_DROP_IN}/zz-relevo-drill.conf || exit 0
rm {_DROP_IN}/zz-relevo-drill.conf
rmdir --ignore-fail-on-non-empty {_DROP_IN}
systemctl daemon-reload
systemctl reset-failed "$0" || :
systemctl start "$0"
"""
_FILLER = "$0/.glusterfs/relevo-drill-fill"  # Gluster shows nothing of this folder to its clients
_FILL = f"""
set -e
free=$(($(stat --file-system --format '%f * %S' "$0") - {LEFT_FREE}))
test "$free" -le 0 || fallocate --length "$free" "{_FILLER}"
"""
# The brick refuses to write as on a full disk when less is free than `storage.reserve`; it looks every 5 s.
# That option is the whole volume's; for one brick it is put into the file from which that brick alone reads.
_BRICK_FILES = f"/var/lib/glusterd/vols/{STORAGE_VOLUME}/{STORAGE_VOLUME}.*.vol"
_RESERVE = "option reserve 1PB"
_RESERVE_ALL = f"""
set -e
sed -i '/{_RESERVE}/d; /type storage\\/posix/a\\    {_RESERVE}' {_BRICK_FILES}
pkill -HUP -x glusterfsd
sleep 6
"""
_RESERVE_NOTHING = f"sed -i '/{_RESERVE}/d' {_BRICK_FILES} && {{ pkill -HUP -x glusterfsd || :; }}"
# Its folder goes, as the mount point of a dead disk is left empty; nothing starts on it before it is there again.
_LOSE = """
set -e
pkill -KILL -x glusterfsd || :
mv "$0" "$0.dead"
rm -rf "$0.dead"
"""
# What a brick says to glusterd when it ends (GF_PMAP_SIGNOUT); this one goes on, and nobody finds it who comes anew.
_HIDE = """
import sys
from relevo.agent.probe import Deadline, ProbeFailed
from relevo.services.glusterfs.portmap import PortMap, call, text
brick, volume = sys.argv[1:]
for _ in range(9):  # an earlier run of the brick may stand there, too
    try:
        PortMap(brick, volume).check(Deadline(5))
    except ProbeFailed:
        sys.exit(0)
    answer = call(1, text(brick), Deadline(5))
    call(5, text(brick) + answer[-4:] + bytes(4), Deadline(5))  # its port, and none for RDMA
sys.exit("glusterd still tells where the brick listens")
"""
_BURN_UNIT = "relevo-drill-load"
_BURN = "for number in $(seq $(nproc)); do while :; do :; done & done; wait"


def service(unit: str) -> str:
    """Return a unit's full name."""
    return unit if "." in unit else f"{unit}.service"


def kill(unit: str) -> list[str]:
    """End its main process as the kernel does when memory runs out."""
    return ["systemctl", "kill", "--kill-whom=main", "--signal=KILL", service(unit)]


def bar(unit: str) -> list[str]:
    """Have each start fail from now on; what runs goes on."""
    return ["sh", "-c", _BAR, service(unit)]


def loop(unit: str) -> list[str]:
    """End its main process, and have each start fail."""
    return ["sh", "-c", _LOOP, service(unit)]


def unloop(unit: str) -> list[str]:
    """Let it start again, and start it."""
    return ["sh", "-c", _UNLOOP, service(unit)]


def stop_process(name: str) -> list[str]:
    """Stop all processes of that name from running; they are not ended."""
    return ["pkill", "-STOP", "-x", name]


def continue_process(name: str) -> list[str]:
    """Let them go on; nothing happens when there is none."""
    return ["sh", "-c", 'pkill -CONT -x "$0" || :', name]


def fill(brick: str) -> list[str]:
    """Fill the file system of a brick with one file."""
    return ["sh", "-c", _FILL, brick]


def empty(brick: str) -> list[str]:
    """Remove that file."""
    return ["sh", "-c", f'rm -f "{_FILLER}"', brick]


def reserve() -> list[str]:
    """Have this machine's brick behave as on a full disk; returns when it does."""
    return ["sh", "-c", _RESERVE_ALL]


def release() -> list[str]:
    """Let it write again."""
    return ["sh", "-c", _RESERVE_NOTHING]


def hide(brick: str) -> list[str]:
    """Have glusterd forget where a brick listens, which goes on; fails where that is of no effect."""
    return [RELEVO_PYTHON, "-c", _HIDE, brick, STORAGE_VOLUME]


def lose(brick: str) -> list[str]:
    """End the process of a brick, and take away the folder with all that is on it."""
    return ["sh", "-c", _LOSE, brick]


def put_empty(brick: str) -> list[str]:
    """Make an empty folder in its place."""
    return ["mkdir", "--mode=0755", brick]


def burn() -> list[str]:
    """Start a program for each processor that only computes."""
    return ["systemd-run", "--quiet", "--collect", f"--unit={_BURN_UNIT}", "sh", "-c", _BURN]


def cool() -> list[str]:
    """End them."""
    return ["sh", "-c", f"systemctl stop {_BURN_UNIT} || :"]
