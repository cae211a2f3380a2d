"""The operations that a service's `deploy.py` is written with, on top of pyinfra's own. They run on the node itself.

In a plan nothing is changed and each operation reports what it would do; in an apply it does that. A restart can't be
lost: a unit is restarted when the digest of its wanted files differs from the one noted after its last good restart.
"""

from __future__ import annotations

import difflib
import grp
import hashlib
import os
import pwd
import stat
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from pyinfra.api.command import FunctionCommand, PyinfraCommand
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.operation import OperationMeta, operation
from pyinfra.context import state

from relevo.cluster.wires import STATE_DIRECTORY
from relevo.deploy import events
from relevo.deploy.shell import CommandFailed, run, succeeds
from relevo.errors import RelevoError
from relevo.services.base import File

STAMPS = Path(STATE_DIRECTORY) / "stamps"
_DIFF_LINES = 400


def applying() -> bool:
    """Tell whether this run changes the node (apply) or only looks (plan)."""
    return bool(state.is_executing)


def step(name: str, needed: Callable[[], str | None], act: Callable[[], object]) -> None:
    """One step of a service that no other operation covers.

    Args:
        name: what the operator reads, e.g. "volume mail".
        needed: returns a sentence on what is to be done, or None when all is well. It must not change anything, and in
            a plan it must bear that packages are not installed yet.
        act: does it; raises CommandFailed when it can't. It must bear being interrupted anywhere and run again.
    """
    if (why := needed()) is None:
        events.report(events.SAME, name)
        return
    if applying():
        _execute(name, act)
    events.report(events.CHANGE, name, why)


def native(name: str, meta: OperationMeta) -> None:
    """Report one of pyinfra's own operations, called as `native("user vmail", server.user(...))`."""
    changed = meta.did_change() if applying() else meta.will_change
    events.report(events.CHANGE if changed else events.SAME, name)


def _execute(name: str, act: Callable[[], object]) -> None:
    """Have pyinfra execute one Python step, and let its error through as it was."""
    failure: list[RelevoError | OSError] = []

    def guarded(state: object, host: object) -> bool:  # noqa: ARG001 - pyinfra runs what takes these two in place
        try:
            act()
        except (RelevoError, OSError) as error:
            failure.append(error)
            return False
        return True

    try:
        _perform(name=name, act=guarded)
    except PyinfraError:
        raise CommandFailed(f"{name}: {failure[0] if failure else 'failed without a word'}") from None


@operation(is_idempotent=False)
def _perform(act: Callable[[object, object], bool]) -> Generator[PyinfraCommand, None, None]:
    """Yield one Python step as pyinfra's command."""
    yield FunctionCommand(act, (), {})


def config_tree(files: Sequence[File], checks: Sequence[Sequence[str]] = ()) -> None:
    """Bring files to what they should be, all or none.

    Every candidate is written as a 0600 `.relevo-new` beside its place and must pass its own `check`; then all get
    their names; then the service's `checks` (argument lists) must accept the whole, else the old files are put back.
    """
    changed = [file for file in files if _differs(file)]
    if not changed:
        events.report(events.SAME, "files")
        return
    diffs = [(file, _diff(file)) for file in changed]
    if applying():
        _execute("files", lambda: _install(changed, checks))
    for file, diff in diffs:
        events.report(events.CHANGE, file.path, _attribute_changes(file), diff)


def absent(*paths: str) -> None:
    """Remove files or links that a package put there and that must not be."""
    for path in paths:
        step(path, lambda path=path: "remove" if os.path.lexists(path) else None, Path(path).unlink)  # type: ignore[misc]


def directory(path: str, *, owner: str = "root", group: str = "root", mode: int = 0o755) -> None:
    """Make a directory with that owner and mode (only this one's, not what is in it)."""

    def needed() -> str | None:
        try:
            have = Path(path).stat()
            same = (have.st_uid, have.st_gid) == (_uid(owner), _gid(group)) and stat.S_IMODE(have.st_mode) == mode
        except (FileNotFoundError, KeyError):
            same = False
        return None if same else f"directory {owner}:{group} {mode:04o}"

    def act() -> None:
        Path(path).mkdir(parents=True, exist_ok=True)
        os.chown(path, _uid(owner), _gid(group))
        Path(path).chmod(mode)

    step(path, needed, act)


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
            return "enable and start"
        if _property(name, "ActiveState") != "active":
            return "start"
        if not stamp.exists() or stamp.read_text() != digest:
            return "reload: its files have changed" if reload else "restart: its files have changed"
        return "restart: its unit file has changed" if _property(name, "NeedDaemonReload") == "yes" else None

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
                else "stop and disable"
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


def _uid(owner: str) -> int:
    return pwd.getpwnam(owner).pw_uid


def _gid(group: str) -> int:
    return grp.getgrnam(group).gr_gid


def _differs(file: File) -> bool:
    path = Path(file.path)
    try:
        have = path.lstat()
        if not stat.S_ISREG(have.st_mode):
            return True
        return (
            (have.st_uid, have.st_gid, stat.S_IMODE(have.st_mode)) != (_uid(file.owner), _gid(file.group), file.mode)
            or have.st_size != len(file.data)
            or path.read_bytes() != file.data
        )
    except (FileNotFoundError, NotADirectoryError, KeyError):
        return True


def _attribute_changes(file: File) -> str:
    return f"{file.owner}:{file.group} {file.mode:04o}"


def _diff(file: File) -> str:
    path = Path(file.path)
    old = path.read_bytes() if path.is_file() else b""
    if old == file.data:
        return ""
    if file.secret:
        return "(secret content, not shown)"
    try:
        before, after = old.decode(), file.data.decode()
    except UnicodeDecodeError:
        return "(binary content)"
    name = file.path if old else "/dev/null"
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), name, file.path, lineterm="", n=2))
    if len(lines) > _DIFF_LINES:
        lines = [*lines[:_DIFF_LINES], f"(and {len(lines) - _DIFF_LINES} lines more)"]
    return "\n".join(lines)


def _candidate(file: File) -> Path:
    return Path(file.path + ".relevo-new")


def _install(files: Sequence[File], checks: Sequence[Sequence[str]]) -> None:
    try:
        for file in files:
            _write_candidate(file)
        for file in files:
            if file.check:
                run([part.replace("{}", str(_candidate(file))) for part in file.check])
    except BaseException:
        for file in files:
            _candidate(file).unlink(missing_ok=True)
        raise
    old = {file.path: _keep(Path(file.path)) for file in files}
    for file in files:
        _candidate(file).replace(file.path)
    try:
        for check in checks:
            run(check)
    except CommandFailed:
        for path, kept in old.items():
            _restore(Path(path), kept)
        raise


def _write_candidate(file: File) -> None:
    new = _candidate(file)
    new.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(file.data)
        out.flush()
        os.fsync(out.fileno())
        os.fchown(out.fileno(), _uid(file.owner), _gid(file.group))
        os.fchmod(out.fileno(), file.mode)


def _keep(path: Path) -> tuple[bytes, os.stat_result] | None:
    return (path.read_bytes(), path.stat()) if path.is_file() else None


def _restore(path: Path, kept: tuple[bytes, os.stat_result] | None) -> None:
    if kept is None:
        path.unlink(missing_ok=True)
        return
    data, have = kept
    path.write_bytes(data)
    os.chown(path, have.st_uid, have.st_gid)
    path.chmod(stat.S_IMODE(have.st_mode))


def _digest(files: Sequence[File]) -> str:
    total = hashlib.sha256()
    for file in sorted(files, key=lambda f: f.path):
        total.update(f"{file.path}\0{file.owner}\0{file.group}\0{file.mode}\0{len(file.data)}\0".encode())
        total.update(file.data)
    return total.hexdigest()
