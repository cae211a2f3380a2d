"""The directory that is exported: made once, never silently anew in the place of a disk that is not mounted."""

from __future__ import annotations

import os
from pathlib import Path

from relevo.deploy.shell import CommandFailed
from relevo.i18n import _
from relevo.services.nfs.settings import MARK, NOTE


def needed(export: Path, note: Path = Path(NOTE)) -> str | None:
    """Say whether the directory is to be made; raise CommandFailed when the one that was made is not there."""
    if (export / MARK).exists():
        return None
    if note.exists() and note.read_text(encoding="utf-8").strip() == str(export):
        text = _(
            "{export} does not hold the mail that it held before: is its disk mounted? If the mail is really gone, "
            "remove {note} and apply again"
        )
        raise CommandFailed(text.format(export=export, note=note))
    return _("make {path}").format(path=export)


def make(export: Path, note: Path = Path(NOTE)) -> None:
    """Make the directory with its mark, then note that it was made."""
    export.mkdir(parents=True, exist_ok=True)
    os.chown(export, 0, 0)
    export.chmod(0o755)
    (export / MARK).write_text("Exported by Relevo; do not remove.\n", encoding="utf-8")
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(f"{export}\n", encoding="utf-8")
