"""Codes of an authenticator app: TOTP (RFC 6238) with what every app knows, SHA-1, six digits, 30 seconds."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import time

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from relevo.directory import audit, factors
from relevo.directory.database import changing
from relevo.directory.login_models import AuthenticatorApp
from relevo.directory.models import Administrator
from relevo.directory.sealing import seal, unseal
from relevo.errors import DirectoryError
from relevo.i18n import _

DIGITS, STEP = 6, 30  # seconds
_SKEW = 1  # steps that a phone's clock may be off (RFC 6238, 5.2)
_KEY_BYTES = 20  # RFC 4226, section 4, R6
_PURPOSE = "authenticator app"


def draw_key() -> str:
    """Return a new key, sealed: it is the administrator's when `confirm` has seen a code of it."""
    return seal(secrets.token_bytes(_KEY_BYTES), _PURPOSE)


def spelled(sealed_key: str) -> str:
    """Return a key as it is typed into an app, in groups of four."""
    return " ".join(re.findall("....", base64.b32encode(unseal(sealed_key, _PURPOSE)).decode()))


def address_of(sealed_key: str, account: str, platform: str) -> str:
    """Return the `otpauth://` address that an app reads from a QR code."""
    return _totp(sealed_key).get_provisioning_uri(account, platform)


def code_at(sealed_key: str, at: int) -> str:
    """Return the code of a time, in seconds since 1970."""
    return _totp(sealed_key).generate(at).decode()


@changing
def confirm(administrator: Administrator, sealed_key: str, code: str) -> list[str]:
    """Make a key the administrator's, in place of an older one, when the app shows its code.

    Returns:
        Recovery codes to be shown once, when this is the first second factor.

    Raises:
        DirectoryError: the code is not of this key and time.
    """
    step = step_of(sealed_key, code)
    if step is None:
        raise DirectoryError(
            _("this is not the code that the app shows now: is the phone's clock right? Then take the next one")
        )
    AuthenticatorApp.objects.filter(administrator=administrator).delete()
    AuthenticatorApp.objects.create(administrator=administrator, sealed_key=sealed_key, last_step=step)
    codes = factors.added(administrator)
    audit.record("admin.factors.app", administrator.address)
    return codes


@changing
def accepts(administrator: Administrator, code: str) -> bool:
    """Tell whether a code is of now and has not been used; it is used up by that, here and on the other node."""
    app = AuthenticatorApp.objects.filter(administrator=administrator).first()
    step = step_of(app.sealed_key, code) if app else None
    if app is None or step is None:
        return False
    return bool(AuthenticatorApp.objects.filter(pk=app.pk, last_step__lt=step).update(last_step=step))


@changing
def remove(administrator: Administrator) -> None:
    """Take the app away from an administrator."""
    AuthenticatorApp.objects.filter(administrator=administrator).delete()
    factors.removed(administrator)
    audit.record("admin.factors.app_removed", administrator.address)


def step_of(sealed_key: str, code: str) -> int | None:
    """Return the time step whose code this is, of those that count now."""
    now, given = int(time.time()) // STEP, _digits(code).encode()
    steps = range(now - _SKEW, now + _SKEW + 1)
    matching = [step for step in steps if hmac.compare_digest(code_at(sealed_key, step * STEP).encode(), given)]
    return max(matching, default=None)


def is_code(text: str) -> bool:
    """Tell whether a text looks like what an app shows."""
    return bool(re.fullmatch(rf"[0-9]{{{DIGITS}}}", _digits(text)))


def _digits(code: str) -> str:
    return "".join(code.split())


def _totp(sealed_key: str) -> TOTP:
    return TOTP(unseal(sealed_key, _PURPOSE), DIGITS, SHA1(), STEP)  # noqa: S303 - within an HMAC, and what apps know
