"""What some write and others alone can read: sealed with a lock that needs no secret, opened with the key to it.

The administration on the web makes DKIM keys and stores them; whoever breaks in there must not read those of before.
X25519 (RFC 7748) with a key that is drawn once for each seal, HKDF (RFC 5869), Fernet (AES-128-CBC with HMAC-SHA256).
"""

from __future__ import annotations

from base64 import b64decode, b64encode, urlsafe_b64encode

from cryptography.exceptions import InvalidKey
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_BYTES = 32


class WrongKey(ValueError):  # noqa: N818 - the state, as whoever opens reads it
    """What is sealed was sealed for another key, or is damaged."""


def lock_of(secret: str) -> str:
    """Return the lock that belongs to a secret text; it tells nothing of that."""
    return b64encode(_key(secret).public_key().public_bytes_raw()).decode()


def seal(plain: bytes, lock: str) -> str:
    """Return what only who has the lock's secret can open."""
    once = X25519PrivateKey.generate()
    mine, theirs = once.public_key().public_bytes_raw(), b64decode(lock)
    shared = once.exchange(X25519PublicKey.from_public_bytes(theirs))
    return f"{b64encode(mine).decode()}.{_box(shared, mine + theirs).encrypt(plain).decode()}"


def unseal(sealed: str, secret: str) -> bytes:
    """Return what was sealed with the lock of a secret; raise WrongKey when it was not."""
    key = _key(secret)
    head, _, body = sealed.partition(".")
    try:
        theirs = b64decode(head, validate=True)
        shared = key.exchange(X25519PublicKey.from_public_bytes(theirs))
        return _box(shared, theirs + key.public_key().public_bytes_raw()).decrypt(body)
    except (ValueError, InvalidToken, InvalidKey):
        raise WrongKey("it was sealed for another key, or is damaged") from None


def _key(secret: str) -> X25519PrivateKey:
    drawn = HKDF(SHA256(), _BYTES, salt=None, info=b"relevo lock").derive(secret.encode())
    return X25519PrivateKey.from_private_bytes(drawn)


def _box(shared: bytes, both: bytes) -> Fernet:
    drawn = HKDF(SHA256(), _BYTES, salt=both, info=b"relevo seal").derive(shared)
    return Fernet(urlsafe_b64encode(drawn))
