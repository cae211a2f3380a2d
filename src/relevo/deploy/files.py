"""Files of a service, brought to what they should be: all or none, each checked before it gets its name."""

from __future__ import annotations

import difflib
import grp
import os
import pwd
import stat
from collections.abc import Sequence
from pathlib import Path

from relevo.deploy import events
from relevo.deploy.operations import applying, execute, step
from relevo.deploy.shell import CommandFailed, run
from relevo.i18n import _
from relevo.services.base import File

_DIFF_LINES = 400


def config_tree(files: Sequence[File], checks: Sequence[Sequence[str]] = ()) -> None:
    """Bring files to what they should be, all or none.

    Every candidate is written as a 0600 `.relevo-new` beside its place and must pass its own `check`; then all get
    their names; then the service's `checks` (argument lists) must accept the whole, else the old files are put back.
    """
    changed = [file for file in files if _differs(file)]
    if not changed:
        events.report(events.SAME, _("files"))
        return
    diffs = [(file, _diff(file)) for file in changed]
    if applying():
        execute("files", lambda: _install(changed, checks))
    for file, diff in diffs:
        events.report(events.CHANGE, file.path, _attribute_changes(file), diff)


def absent(*paths: str) -> None:
    """Remove files or links that a package put there and that must not be."""
    for path in paths:
        step(path, lambda path=path: _("remove") if os.path.lexists(path) else None, Path(path).unlink)  # type: ignore[misc]


def directory(path: str, *, owner: str = "root", group: str = "root", mode: int = 0o755) -> None:
    """Make a directory with that owner and mode (only this one's, not what is in it)."""

    def needed() -> str | None:
        try:
            have = Path(path).stat()
            same = (have.st_uid, have.st_gid) == (_uid(owner), _gid(group)) and stat.S_IMODE(have.st_mode) == mode
        except (FileNotFoundError, KeyError):
            same = False
        return None if same else _("directory {owner}:{group} {mode:04o}").format(owner=owner, group=group, mode=mode)

    def act() -> None:
        Path(path).mkdir(parents=True, exist_ok=True)
        os.chown(path, _uid(owner), _gid(group))
        Path(path).chmod(mode)

    step(path, needed, act)


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
        return _("(secret content, not shown)")
    try:
        before, after = old.decode(), file.data.decode()
    except UnicodeDecodeError:
        return _("(binary content)")
    name = file.path if old else "/dev/null"
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), name, file.path, lineterm="", n=2))
    if len(lines) > _DIFF_LINES:
        more = _("(and {count} lines more)").format(count=len(lines) - _DIFF_LINES)
        lines = [*lines[:_DIFF_LINES], more]
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
