"""Converge the operating system's part of a node."""

from __future__ import annotations

import shutil
from pathlib import Path
from socket import gethostname

from relevo.deploy import events
from relevo.deploy.files import absent, config_tree
from relevo.deploy.operations import step
from relevo.deploy.shell import CommandFailed, run
from relevo.deploy.units import unit
from relevo.i18n import _
from relevo.services.base import Context
from relevo.services.base_os.memory import memory_advice
from relevo.services.base_os.render import CHRONY_FILE, JOURNAL_FILE, SYSTEMD_FILE, render
from relevo.services.base_os.settings import MIN_FREE_BYTES, KernelSetting, kernel

_LOCALTIME = Path("/etc/localtime")
_ZONES = Path("/usr/share/zoneinfo")


def deploy(ctx: Context) -> None:
    """Check that there is room, then set names, users, time, journal and kernel."""
    for path in _disks(ctx):
        _check_room(path)
    events.report(events.SAME, _("memory and swap"), memory_advice(Path("/proc/meminfo").read_text(), ctx))
    files = {file.path: file for file in render(ctx)}
    config_tree(tuple(files.values()))
    if SYSTEMD_FILE not in files:
        absent(SYSTEMD_FILE)
    step(
        _("host name"),
        lambda: None if gethostname() == ctx.node.name else _becomes(gethostname(), ctx.node.name),
        lambda: run(["hostname", ctx.node.name]),
    )
    _timezone(ctx.cluster.cluster.timezone)
    for setting in kernel(ctx):
        _kernel(setting)
    unit("systemd-journald.service", files=[files[JOURNAL_FILE]])
    unit("chrony.service", files=[files[CHRONY_FILE]])


def _disks(ctx: Context) -> tuple[str, ...]:
    """Name the file systems that must have room: the root, and what this node gives to the mail store."""
    storage = ctx.cluster.storage
    bricks = (storage.brick,) if "glusterfs" in storage.kinds else ()
    exports = (storage.export,) if "nfs" in storage.kinds and ctx.node.is_storage else ()
    return ("/", *bricks, *exports)


def _check_room(path: str) -> None:
    there = next(folder for folder in (Path(path), *Path(path).parents) if folder.exists())
    free = shutil.disk_usage(there).free
    if free < MIN_FREE_BYTES:
        text = _(
            "the file system of {path} has {free:.1f} GiB free, and Relevo needs {least:.0f}: make room or enlarge it, "
            "then run the command again"
        )
        raise CommandFailed(text.format(path=path, free=free / 1024**3, least=MIN_FREE_BYTES / 1024**3))
    room = _("{free:.0f} GiB free").format(free=free / 1024**3)
    events.report(events.SAME, _("room in {path}").format(path=path), room)


def _timezone(name: str) -> None:
    zone = _ZONES / name

    def needed() -> str | None:
        as_wanted = _LOCALTIME.is_symlink() and _LOCALTIME.readlink() == zone
        return None if as_wanted else _("local time of {name}").format(name=name)

    def act() -> None:
        if not zone.is_file():
            text = _("there is no time zone {name}: correct [cluster] timezone (see `timedatectl list-timezones`)")
            raise CommandFailed(text.format(name=name))
        new = _LOCALTIME.with_name("localtime.relevo-new")
        new.unlink(missing_ok=True)
        new.symlink_to(zone)
        new.replace(_LOCALTIME)

    step(_("time zone"), needed, act)


def _kernel(setting: KernelSetting) -> None:
    """Set it now; the file does so at every boot. A container may not: that is said, and is no error."""
    path, name = Path(setting.path), _("kernel {name}").format(name=setting.name)
    have = " ".join(path.read_text().split()) if path.exists() else ""  # the kernel puts a tab between two numbers
    if have == setting.value:
        events.report(events.SAME, name)
    elif not _writable(path):
        events.report(
            events.SAME, name,
            _("is {now}, and this machine won't have it set to {wanted}: a container's host may").format(
                now=have or _("missing"), wanted=setting.value,
            ),
        )
    else:
        step(name, lambda: _becomes(have, setting.value), lambda: path.write_text(setting.value))


def _writable(path: Path) -> bool:
    try:
        with path.open("r+"):
            return True
    except OSError:
        return False


def _becomes(now: str, wanted: str) -> str:
    return _("{now} becomes {wanted}").format(now=now, wanted=wanted)
