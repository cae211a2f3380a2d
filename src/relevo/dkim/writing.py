"""Files in place: the keys first, then the table that names them, then what nothing names any more goes.

Amavis reads the table when it is another one and the keys that it names; in whichever moment, all of them are there.
"""

from __future__ import annotations

import grp
import os
from pathlib import Path

from relevo.dkim.keyring import Keyring, entries
from relevo.dkim.settings import Settings

_MODE = 0o640


def carry_out(wanted: Keyring, own: Settings) -> bool:
    """Bring the files to what they should be; tell whether the table is another one. Raises OSError."""
    group = grp.getgrnam(own.group).gr_gid
    for path, pem in wanted.files.items():
        if _text(path) != pem:
            place(path, pem, mode=_MODE, group=group)
    changed = _text(own.table) != wanted.table
    if changed:
        place(own.table, wanted.table, mode=_MODE, group=group)
    _tidy(wanted, own)
    return changed


def table_now(own: Settings) -> str:
    """Return the table as it is; empty when there is none."""
    return _text(own.table) or ""


def place(path: str, text: str, *, mode: int, group: int = 0) -> None:
    """Write a file beside its place and give it its name in one step, on the disk whole or not at all."""
    new = Path(f"{path}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
        os.fchown(out.fileno(), -1, group)
        os.fchmod(out.fileno(), mode)
    new.replace(path)


def _tidy(wanted: Keyring, own: Settings) -> None:
    named = {entry.file for entry in entries(wanted.table)}
    for path in Path(own.directory).glob("*.pem*"):
        if str(path) not in named:
            path.unlink(missing_ok=True)


def _text(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
