"""Secrets that must be read again, sealed for the database with a key that both nodes have.

Fernet (AES-128-CBC with HMAC-SHA256) under a key that HKDF (RFC 5869) draws from Django's secret key, another one for
each purpose: a copy of the database alone opens nothing.
"""

from __future__ import annotations

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from relevo.errors import DirectoryError
from relevo.i18n import _

_KEY_BYTES = 32


def seal(plain: bytes, purpose: str) -> str:
    """Return what may be stored."""
    return _box(settings.SECRET_KEY, purpose).encrypt(plain).decode()


def unseal(sealed: str, purpose: str) -> bytes:
    """Return what was sealed for the same purpose."""
    try:
        return _box(settings.SECRET_KEY, purpose).decrypt(sealed)
    except InvalidToken:
        raise DirectoryError(
            _("what is stored was sealed with another key: was `django_key` in the secrets file changed?")
        ) from None


@cache
def _box(secret: str, purpose: str) -> Fernet:
    derived = HKDF(SHA256(), _KEY_BYTES, salt=None, info=f"relevo {purpose}".encode()).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
