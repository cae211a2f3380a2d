"""Delete a removed mailbox for good, with its mail."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from relevo.cluster.wires import MAIL_MOUNT, MAILBOX_ROOT
from relevo.directory import audit, hooks, use
from relevo.directory.database import changing
from relevo.directory.models import Mailbox
from relevo.directory.registry import find_mailbox
from relevo.errors import DirectoryError
from relevo.i18n import _


def purge(address: str, *, mount: str = MAIL_MOUNT, root: str = MAILBOX_ROOT) -> None:
    """Delete the mail and the entry of a mailbox that has been removed before.

    The mail goes first: when this is interrupted the entry is still there, and the next call goes on.

    Raises:
        DirectoryError: it is in use, or the mail store is not mounted on this machine.
    """
    box = find_mailbox(address, removed=True)
    if not os.path.ismount(mount):
        raise DirectoryError(
            _("the mail store is not mounted on this node ({mount}): run this on the active one, see `relevo status`")
            .format(mount=mount)
        )
    folder = Path(root) / box.domain.name / box.local_part
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise DirectoryError(
            _("{folder} could not be deleted ({reason}): run this again").format(folder=folder, reason=error.strerror)
        ) from error
    _delete_entry(box)


@changing
def _delete_entry(box: Mailbox) -> None:
    audit.record("mailbox.purge", box.address)
    Mailbox.objects.filter(pk=box.pk).delete()
    use.forget(box.address)
    hooks.account_changed(box.address, lost=True)
