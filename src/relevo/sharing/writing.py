"""Files and links in place.

Who gains a right has the link before the right, and who loses one has the right taken before the link: Dovecot never
finds a right without a way, and what counts for access is one file that is replaced in one step.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from relevo.sharing.access import Access
from relevo.sharing.settings import Settings

_MODE = 0o644  # Dovecot's processes are those of the mailboxes' owner; the directory above keeps others out


def carry_out(wanted: Access, own: Settings) -> bool:
    """Bring everything to what it should be; tell whether the rights are others now. Raises OSError."""
    for (member, mailbox), maildir in wanted.links.items():
        _link(Path(own.boxes, member, mailbox), maildir)
    changed = text(own.rights) != wanted.rights
    if changed:
        place(own.rights, wanted.rights)
    if text(own.map) != wanted.map:
        place(own.map, wanted.map)
    _tidy(wanted, Path(own.boxes))
    return changed


def is_whole(own: Settings) -> bool:
    """Tell whether the files are there, whatever is in them."""
    return all(Path(path).exists() for path in (own.rights, own.map))


def text(path: str) -> str:
    """Return what is in a file; nothing when there is none."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def place(path: str, content: str) -> None:
    """Write a file beside its place and give it its name in one step, on the disk whole or not at all."""
    new = Path(f"{path}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(content)
        out.flush()
        os.fchmod(out.fileno(), _MODE)
        os.fsync(out.fileno())
    new.replace(path)


def _link(path: Path, target: str) -> None:
    if path.is_symlink() and str(path.readlink()) == target:
        return
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(path)


def _tidy(wanted: Access, boxes: Path) -> None:
    for path in boxes.glob("*/*"):
        if (path.parent.name, path.name) not in wanted.links:
            path.unlink(missing_ok=True)
    for folder in boxes.glob("*"):
        with suppress(OSError):  # it is not empty
            folder.rmdir()
