"""The second factor of mailbox owners, for the portal alone: an authenticator app, and recovery codes for its loss.

Codes and keys are made as those of administrators (totp.py, recovery.py). Mail programs and the webmail ask for none:
what it keeps safe is what the portal changes.
"""

from __future__ import annotations

from relevo.directory import audit, recovery, totp
from relevo.directory.database import changing
from relevo.directory.models import Mailbox
from relevo.directory.owner_models import OwnerApp, OwnerRecoveryCode
from relevo.errors import DirectoryError
from relevo.i18n import _


def app_of(box: Mailbox) -> OwnerApp | None:
    """Return the authenticator app of an owner, if there is one."""
    return getattr(box, "owner_app", None)


def left(box: Mailbox) -> int:
    """Return how many recovery codes have not been used."""
    return box.recovery_codes.count()


@changing
def confirm(box: Mailbox, sealed_key: str, code: str) -> list[str]:
    """Make a key the owner's, in place of an older one, when the app shows its code; other sessions end.

    Returns:
        Recovery codes to be shown once, in place of all older ones.

    Raises:
        DirectoryError: the code is not of this key and time.
    """
    step = totp.step_of(sealed_key, code)
    if step is None:
        raise DirectoryError(
            _("this is not the code that the app shows now: is the phone's clock right? Then take the next one")
        )
    OwnerApp.objects.filter(mailbox=box).delete()
    OwnerApp.objects.create(mailbox=box, sealed_key=sealed_key, last_step=step)
    audit.record("mailbox.factor.app", box.address)
    return _draw(box)


@changing
def accepts(box: Mailbox, code: str) -> bool:
    """Tell whether a code is the app's of now, or a recovery code; it is used up by that, on the other node too."""
    return _of_app(box, code) if totp.is_code(code) else _of_paper(box, code)


@changing
def renew(box: Mailbox) -> list[str]:
    """Give an owner new recovery codes in place of all older ones; return them, to be shown once."""
    if not OwnerApp.objects.filter(mailbox=box).exists():
        raise DirectoryError(_("there is no second factor"))
    audit.record("mailbox.factor.codes", box.address)
    return _draw(box)


@changing
def remove(box: Mailbox) -> None:
    """Take the second factor away, with its codes: by its owner, or by an administrator when it is lost."""
    gone, _rows = OwnerApp.objects.filter(mailbox=box).delete()
    if not gone:
        raise DirectoryError(_("{address} has no second factor").format(address=box))
    OwnerRecoveryCode.objects.filter(mailbox=box).delete()
    audit.record("mailbox.factor.remove", box.address)


def _draw(box: Mailbox) -> list[str]:
    codes = recovery.new_codes()
    OwnerRecoveryCode.objects.filter(mailbox=box).delete()
    OwnerRecoveryCode.objects.bulk_create(
        OwnerRecoveryCode(mailbox=box, hashed=recovery.hashed(code)) for code in codes
    )
    return codes


def _of_app(box: Mailbox, code: str) -> bool:
    app = OwnerApp.objects.filter(mailbox=box).first()
    step = totp.step_of(app.sealed_key, code) if app else None
    if app is None or step is None:
        return False
    return bool(OwnerApp.objects.filter(pk=app.pk, last_step__lt=step).update(last_step=step))


def _of_paper(box: Mailbox, code: str) -> bool:
    row = next((row for row in box.recovery_codes.all() if recovery.is_one(row.hashed, code)), None)
    used = bool(row and OwnerRecoveryCode.objects.filter(pk=row.pk).delete()[0])  # nobody else was faster
    if used:
        audit.record("mailbox.factor.code_used", box.address, left=left(box))
    return used
