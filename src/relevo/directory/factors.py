"""Second factors of administrators: who has one, who must, and what becomes of them when they change.

An app's code (totp.py) or a security key (security_keys.py) is one; recovery codes (recovery.py) stand in for them.
"""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from relevo.directory import audit, recovery
from relevo.directory.administrators import find
from relevo.directory.database import changing
from relevo.directory.login_models import AuthenticatorApp
from relevo.directory.models import Administrator
from relevo.errors import DirectoryError
from relevo.i18n import _


def app_of(administrator: Administrator) -> AuthenticatorApp | None:
    """Return the authenticator app of an administrator, if there is one."""
    return getattr(administrator, "app", None)


def has_one(administrator: Administrator) -> bool:
    """Tell whether an administrator has a second factor."""
    return app_of(administrator) is not None or bool(administrator.security_keys.all())


def demanded(administrator: Administrator) -> bool:
    """Tell whether the cluster file demands one of an administrator (`web.second_factor`)."""
    wanted = settings.RELEVO_SECOND_FACTOR
    return bool(wanted == "all" or (wanted == "global" and administrator.is_global))


def decides(administrator: Administrator) -> bool:
    """Tell whether the password alone is not enough."""
    return has_one(administrator) or demanded(administrator)


@changing
def clear(address: str) -> Administrator:
    """Take all second factors of an administrator away, who has lost them; whoever is logged in no longer is."""
    found = find(address)
    if not has_one(found) and not found.recovery_codes.exists():
        raise DirectoryError(_("{address} has no second factor").format(address=found))
    AuthenticatorApp.objects.filter(administrator=found).delete()
    found.security_keys.all().delete()
    found.recovery_codes.all().delete()
    _changed(found)
    audit.record("admin.factors.clear", found.address)
    return find(address)


def added(administrator: Administrator) -> list[str]:
    """Follow up a factor that has just been added, within its transaction.

    Returns:
        The recovery codes that come with the first one, to be shown once.
    """
    _changed(administrator)
    return [] if administrator.recovery_codes.exists() else recovery.draw(administrator)


def removed(administrator: Administrator) -> None:
    """Follow up a factor that has just been removed, within its transaction; the last one takes the codes along.

    Raises:
        DirectoryError: it was the last one, and one is demanded.
    """
    administrator = Administrator.objects.get(pk=administrator.pk)
    if not has_one(administrator):
        if demanded(administrator):
            raise DirectoryError(_("a second factor is demanded of you: add another one before you remove this one"))
        administrator.recovery_codes.all().delete()
    _changed(administrator)


def _changed(administrator: Administrator) -> None:
    """End the administrator's sessions: they were begun with other factors."""
    administrator.factors_changed_at = timezone.now()
    administrator.save(update_fields=["factors_changed_at"])
