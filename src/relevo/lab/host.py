"""What differs between computers: with systemd as first process, or without; where their control groups are.

Nothing else in the lab asks which kind this is. A machine's processes are in a group of their own, which is how they
are found, measured, frozen and cleared away.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol

from relevo.deploy.shell import run, wait_until
from relevo.errors import LabError
from relevo.i18n import _

_STILL_TIMES = 20  # so many looks, 10 ms apart, without a microsecond more: nothing runs
_HUNG = "hung"  # a group below a unit's own
_MOUNTS = Path("/proc/self/mounts")
_V2 = "cgroup2"
_WATCHES = Path("/proc/sys/fs/inotify/max_user_instances")
_ENOUGH_WATCHES = 1024
_INTO_GROUPS = 'for group in $GROUPS_TO_JOIN; do echo $$ > "$group/cgroup.procs" || exit 1; done; exec "$@"'


class Host(Protocol):
    """This computer, as far as computers differ."""

    def launch(self, lab: str, machine: str, command: Sequence[str], log: Path, keep: Sequence[int] = ()) -> int:
        """Start a command that outlives us and return its process number.

        It is in a group of its own, named like its machine; it keeps the file descriptors `keep`; what it says goes to
        the end of `log`.
        """

    def processes(self, lab: str, machine: str) -> list[int]:
        """Return the process numbers in a machine's group; empty when it is off."""

    def memory(self, lab: str, machine: str) -> int:
        """Return a machine's memory in bytes, without page cache; 0 where the kernel does not count."""

    def clear(self, lab: str) -> None:
        """Remove the (empty) groups of a lab."""


def this_host() -> Host:
    """Return the kind of computer that this is."""
    return SystemdHost() if Path("/run/systemd/system").is_dir() else BareHost()


def allow_watches() -> None:
    """Raise the kernel's limit of inotify(7) instances until this computer's next boot.

    Each machine's systemd takes a dozen, and all count as root's: the usual 128 are used up by two labs, whose machines
    then boot with failed units or not at all.
    """
    if int(_WATCHES.read_text(encoding="ascii")) < _ENOUGH_WATCHES:
        _WATCHES.write_text(str(_ENOUGH_WATCHES), encoding="ascii")


def cgroup_mounts() -> dict[str, Path]:
    """Return where control groups are mounted: `v2`, and for version 1 `memory` and `name=systemd`."""
    found: dict[str, Path] = {}
    for line in _MOUNTS.read_text(encoding="utf-8").splitlines():
        _device, place, kind, options, *_rest = line.split()
        if kind == _V2:
            found.setdefault("v2", Path(place))
        if kind == "cgroup":
            found |= {name: Path(place) for name in ("memory", "name=systemd") if name in options.split(",")}
    if "v2" not in found:
        raise LabError(_("this computer has no control groups of version 2 mounted, which the lab needs"))
    return found


def freezer_of(pid: int) -> Path:
    """Return the version 2 group of a process, as a folder."""
    for line in Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8").splitlines():
        if line.startswith("0::"):
            return cgroup_mounts()["v2"] / line.removeprefix("0::").strip().lstrip("/")
    raise LabError(_("the kernel does not say in which group the process {pid} is").format(pid=pid))


def set_frozen(group: Path, frozen: bool) -> None:
    """Stop all processes of a group from running, or let them go on; returns when it is so.

    A process that waits for a file system whose own process is frozen can't be, and the kernel never calls the whole
    group frozen then (cgroups(7)); it does not run either, and that is what counts.
    """
    (group / "cgroup.freeze").write_text("1" if frozen else "0", encoding="ascii")
    used: list[str] = []

    def done() -> bool:
        used.append(_processor_time(group))
        still = len(used) >= _STILL_TIMES and len(set(used[-_STILL_TIMES:])) == 1
        return is_frozen(group) == frozen or (frozen and still)

    what = _("{group} to be frozen") if frozen else _("{group} to be thawed")
    wait_until(done, within=10, what=what.format(group=group), every=0.01)


def hang(group: Path) -> None:
    """Freeze the processes of a unit's group, in a frozen group of their own below it.

    The unit's own group is not frozen: systemd starts processes in it (ExecStopPost=, the next ExecStart=) and waits
    until each has begun, so it would hang as a whole, and no service that hangs does that to a machine.
    """
    frozen = group / _HUNG
    frozen.mkdir(exist_ok=True)
    set_frozen(frozen, frozen=True)
    what = _("the processes of {group} to be frozen").format(group=group)
    wait_until(lambda: not _move(group, frozen), within=10, what=what, every=0.01)


def unhang(group: Path) -> None:
    """Let them go on, in their unit's group; nothing happens when they have ended since."""
    frozen = group / _HUNG
    if frozen.is_dir():
        set_frozen(frozen, frozen=False)
        _move(frozen, group)
        what = _("{frozen} to be empty").format(frozen=frozen)
        wait_until(partial(_removed, frozen), within=10, what=what, every=0.01)


def _move(source: Path, target: Path) -> list[int]:
    """Move all processes that a group has now into another one; return them."""
    found = list(_processes_in(source))
    for pid in found:
        with suppress(ProcessLookupError):
            (target / "cgroup.procs").write_text(str(pid), encoding="ascii")
    return found


def _processor_time(group: Path) -> str:
    """Return the line of `cpu.stat` that says how long the group has run so far, in microseconds."""
    return (group / "cpu.stat").read_text(encoding="ascii").split("\n", 1)[0]


def is_frozen(group: Path) -> bool:
    """Tell whether all processes of a group are frozen."""
    return "frozen 1" in (group / "cgroup.events").read_text(encoding="ascii")


class BareHost:
    """A computer whose first process is not systemd: we make the groups ourselves, in every hierarchy there is."""

    def launch(self, lab: str, machine: str, command: Sequence[str], log: Path, keep: Sequence[int] = ()) -> int:
        """Start a command in new groups (an old one may still be frozen), as the leader of a new session."""
        groups = [root / lab / machine for root in cgroup_mounts().values()]
        for group in groups:
            _remove_tree(group)
            group.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "GROUPS_TO_JOIN": " ".join(map(str, groups))}
        return _detach(["sh", "-c", _INTO_GROUPS, "launch", *command], log, keep, environment)

    def processes(self, lab: str, machine: str) -> list[int]:
        """Return the process numbers in a machine's group."""
        return _processes_below(cgroup_mounts()["v2"] / lab / machine)

    def memory(self, lab: str, machine: str) -> int:
        """Return a machine's memory in bytes, without page cache."""
        mounts = cgroup_mounts()
        return memory_of(mounts.get("memory", mounts["v2"]) / lab / machine)

    def clear(self, lab: str) -> None:
        """Remove the groups of a lab, the deepest first."""
        for root in cgroup_mounts().values():
            _remove_tree(root / lab)


class SystemdHost:
    """An ordinary computer: systemd makes a scope a machine, which it leaves to us (Delegate=), in a slice a lab."""

    def launch(self, lab: str, machine: str, command: Sequence[str], log: Path, keep: Sequence[int] = ()) -> int:
        """Start a command in a scope of its own."""
        into_scope = [
            "systemd-run", "--scope", "--quiet", "--collect", f"--unit={machine}", f"--slice={slice_name(lab)}",
            "--property=Delegate=yes",
        ]
        return _detach([*into_scope, *command], log, keep, dict(os.environ))

    def processes(self, lab: str, machine: str) -> list[int]:
        """Return the process numbers in a machine's scope."""
        return _processes_below(scope(lab, machine))

    def memory(self, lab: str, machine: str) -> int:
        """Return a machine's memory in bytes, without page cache."""
        return memory_of(scope(lab, machine))

    def clear(self, lab: str) -> None:
        """End the slice of a lab."""
        run(["systemctl", "stop", f"{slice_name(lab)}.slice"])


def slice_name(lab: str) -> str:
    """Return the name of a lab's slice; a dash would put it below another one that stays, systemd.slice(5)."""
    return lab.replace("-", "_")


def scope(lab: str, machine: str) -> Path:
    """Return the folder of a machine's scope."""
    return cgroup_mounts()["v2"] / f"{slice_name(lab)}.slice" / f"{machine}.scope"


def memory_of(group: Path) -> int:
    """Return a group's memory in bytes without page cache: `anon` of version 2, `total_rss` of version 1."""
    try:
        lines = (group / "memory.stat").read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return 0
    figures = dict(line.split() for line in lines)
    return int(figures.get("total_rss", figures.get("anon", 0)))


def _detach(command: Sequence[str], log: Path, keep: Sequence[int], environment: dict[str, str]) -> int:
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, pass_fds=keep,
            start_new_session=True, cwd="/",
        )
    return process.pid


def _processes_below(group: Path) -> list[int]:
    return [pid for folder, _, _ in os.walk(group) for pid in _processes_in(Path(folder))]


def _processes_in(group: Path) -> Iterator[int]:
    try:
        yield from map(int, (group / "cgroup.procs").read_text(encoding="ascii").split())
    except OSError:  # the group went away, or holds threads only
        return


def _remove_tree(group: Path) -> None:
    """Remove a group and those below it; the kernel may need a moment after the last process ended."""
    for folder, _folders, _files in os.walk(group, topdown=False):
        what = _("{folder} to be empty").format(folder=folder)
        wait_until(partial(_removed, Path(folder)), within=5, what=what, every=0.02)


def _removed(group: Path) -> bool:
    group.rmdir()
    return True
