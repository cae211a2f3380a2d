"""Units of systemd, brought to what they should be.

A restart can't be lost: a unit is restarted when the digest of its wanted files differs from the one noted after its
last good restart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from relevo.cluster.wires import STATE_DIRECTORY
from relevo.deploy.operations import step
from relevo.deploy.shell import CommandFailed, run, succeeds
from relevo.i18n import _
from relevo.services.base import File

STAMPS = Path(STATE_DIRECTORY) / "stamps"


def unit(
    name: str,
    *,
    files: Sequence[File] = (),
    reload: bool = False,
    start: Callable[[str], object] | None = None,
    ready: Callable[[], object] | None = None,
    within: float = 60,
) -> None:
    """Have a systemd unit enabled and running with the files as they are now.

    Args:
        name: full name, e.g. `dovecot.service`.
        files: what it reads: when they changed since its last good start it is restarted (`reload`: reloaded).
        reload: this service takes its new files by `systemctl reload`.
        start: starts, restarts or reloads it in place of `systemctl`; gets that verb.
        ready: returns when it answers (see `wait_until`); called after a start, restart or reload.
        within: seconds that systemd may take.
    """
    digest = _digest(files)
    stamp = STAMPS / name

    def needed() -> str | None:
        if _property(name, "UnitFileState") not in {
            "enabled",
            "static",
            "alias",
            "indirect",
            "generated",
            "enabled-runtime",
        }:
            return _("enable and start")
        if _property(name, "ActiveState") != "active":
            return _("start")
        if not stamp.exists() or stamp.read_text() != digest:
            return _("reload: its files have changed") if reload else _("restart: its files have changed")
        return _("restart: its unit file has changed") if _property(name, "NeedDaemonReload") == "yes" else None

    def act() -> None:
        run(["systemctl", "daemon-reload"])
        run(["systemctl", "enable", name], within=30)
        run(["systemctl", "reset-failed", name], accept=range(256))
        active = _property(name, "ActiveState") == "active"
        verb = ("reload" if reload else "restart") if active else "start"
        try:
            if start:
                start(verb)
            else:
                run(["systemctl", verb, name], within=within)
        except CommandFailed as error:
            raise CommandFailed(f"{error}\n{journal_tail(name)}") from None
        if ready:
            _be_ready(name, verb, ready, within)
        STAMPS.mkdir(parents=True, exist_ok=True)
        stamp.write_text(digest)

    step(name, needed, act)


def _be_ready(name: str, verb: str, ready: Callable[[], object], within: float) -> None:
    """Wait until a unit answers; one that does not after a reload is restarted: a daemon may not take its files so."""
    try:
        ready()
    except CommandFailed:
        if verb != "reload":
            raise
        run(["systemctl", "restart", name], within=within)
        ready()


def disabled(*names: str) -> None:
    """Have units stopped and not started at boot; one that does not exist is fine."""
    for name in names:

        def needed(name: str = name) -> str | None:
            off = _property(name, "ActiveState") in {"inactive", "failed"}
            return (
                None
                if off and _property(name, "UnitFileState") not in {"enabled", "enabled-runtime"}
                else _("stop and disable")
            )

        def act(name: str = name) -> None:
            run(["systemctl", "disable", "--now", name], within=60)

        step(name, needed, act)


def journal_tail(name: str, lines: int = 12) -> str:
    """Return the last lines that a unit wrote to the journal."""
    try:
        return run(["journalctl", "-u", name, "-n", str(lines), "--no-pager", "-o", "cat"], within=10).strip()
    except CommandFailed:
        return ""


def is_active(name: str) -> bool:
    """Tell whether a unit is active."""
    return succeeds(["systemctl", "is-active", "--quiet", name])


def _property(name: str, key: str) -> str:
    return run(["systemctl", "show", "--value", "-p", key, name]).strip()


def _digest(files: Sequence[File]) -> str:
    total = hashlib.sha256()
    for file in sorted(files, key=lambda f: f.path):
        total.update(f"{file.path}\0{file.owner}\0{file.group}\0{file.mode}\0{len(file.data)}\0".encode())
        total.update(file.data)
    return total.hexdigest()
