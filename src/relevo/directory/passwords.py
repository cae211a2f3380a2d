"""Passwords: what is strong enough, and the hash as Dovecot reads it.

argon2id with 7 MiB, five passes, one lane: about 25 ms a login. OWASP counts it as strong as 19 MiB and two passes (its
"Password Storage" cheat sheet), which cost 1.6 times as much processor here (24.7 to 15.7 ms on an idle core): 7 MiB
stay in the processor's cache. Dovecot's own default of 64 MiB costs three times as much a login, and lets fewer people
log in at once after a failover. Hashes made with other parameters stay good: each says its own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from relevo.directory import crypt_hashes
from relevo.errors import DirectoryError
from relevo.i18n import _

SCHEME = "{ARGON2ID}"
QUICK_SCHEME = "{SSHA512}"
_SALT_BYTES = 16
_DIGEST_BYTES = 64
MINIMUM_LENGTH, MAXIMUM_LENGTH = 10, 128
_FEWEST_CHARACTERS = 5  # different ones
_SHORTEST_PART = 4  # a name shorter than this may occur in a password by chance
_hasher = PasswordHasher(time_cost=5, memory_cost=7168, parallelism=1)
_READY = {  # hashes of other systems: crypt's forms (man 5 crypt), and argon2's own
    "{ARGON2ID}": r"\$argon2id\$v=19\$m=[0-9]{1,6},t=[0-9]{1,2},p=[0-9]{1,2}(\$[A-Za-z0-9+/]{11,86}){2}",
    "{SHA512-CRYPT}": r"\$6\$(rounds=[0-9]{4,7}\$)?[A-Za-z0-9./]{1,16}\$[A-Za-z0-9./]{86}",
    "{BLF-CRYPT}": r"\$2[aby]\$(0[4-9]|1[0-4])\$[A-Za-z0-9./]{53}",
}
_COMMON = frozenset(
    """
    password passwort passw0rd p@ssw0rd contraseña contrasena contrasenia clave clavesegura micontraseña
    micontrasena qwerty qwertyuiop qwertz asdfgh asdfghjkl zxcvbnm qazwsx qazwsxedc letmein welcome bienvenido
    bienvenida hola holamundo administrator administrador admin adminadmin administracion root toor changeme
    cambiame changeit default secret secreto iloveyou teamo tequiero tequieromucho monkey dragon football futbol
    barcelona realmadrid superman batman princess princesa sunshine estrella master mustang shadow michael jordan
    trustno correo email mail usuario user guest invitado temporal temporary prueba pruebas test testing testtest
    computer computadora internet windows samsung google facebook bolivia lapaz santacruz cochabamba mexico
    colombia argentina peru chile españa empresa company oficina office
    """.split()  # noqa: SIM905 - words read best as words
)
_RUNS = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


def hash_password(plain: str) -> str:
    """Return the hash as Dovecot reads it: `{ARGON2ID}$argon2id$...`."""
    return SCHEME + _hasher.hash(plain)


def hash_secret(random: str) -> str:
    """Return a hash that costs nothing to check, of a password that a machine has drawn: it can't be guessed."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return QUICK_SCHEME + base64.b64encode(hashlib.sha512(random.encode() + salt).digest() + salt).decode()


def is_quick(stored: str) -> bool:
    """Tell whether a stored hash is of `hash_secret`."""
    return stored.startswith(QUICK_SCHEME)


def matches(stored: str, plain: str) -> bool:
    """Tell whether a stored hash is of that password."""
    if is_quick(stored):
        raw = base64.b64decode(stored.removeprefix(QUICK_SCHEME))
        digest, salt = raw[:_DIGEST_BYTES], raw[_DIGEST_BYTES:]
        return hmac.compare_digest(hashlib.sha512(plain.encode() + salt).digest(), digest)
    if crypt_hashes.is_one(stored):
        return crypt_hashes.matches(stored, plain)
    try:
        return _hasher.verify(stored.removeprefix(SCHEME), plain)
    except (Argon2Error, InvalidHashError):
        return False


def is_ready_hash(text: str) -> bool:
    """Tell whether a text is a hash of another system that Dovecot verifies, with its scheme before it."""
    scheme, brace, rest = text.partition("}")
    return bool(re.fullmatch(_READY.get(scheme + brace, "(?!)"), rest))


def require_ready_hash(text: str) -> None:
    """Raise DirectoryError for a text with a scheme before it that is no such hash; does not repeat the text."""
    if not is_ready_hash(text):
        raise DirectoryError(
            _("this is no hash that is taken: {schemes}, each whole as the other system has it")
            .format(schemes=", ".join(_READY))
        )


def unusable() -> str:
    """Return the hash of a password that nobody knows: the mailbox receives, but nobody can log in."""
    return hash_password(secrets.token_urlsafe(32))


@cache
def nobodys() -> str:
    """Return a hash to compare with where there is no account: that takes as long as for one that there is."""
    return unusable()


def require_strong(plain: str, address: str) -> None:
    """Raise DirectoryError, with what to do, when a password is too easy to guess for that mailbox."""
    if not MINIMUM_LENGTH <= len(plain) <= MAXIMUM_LENGTH:
        raise DirectoryError(
            _("the password must have {least} to {most} characters").format(least=MINIMUM_LENGTH, most=MAXIMUM_LENGTH)
        )
    if not plain.isprintable():
        raise DirectoryError(_("the password has characters that no keyboard gives (a tab, a line end)"))
    lower = plain.lower()
    if len(set(lower)) < _FEWEST_CHARACTERS or _core(lower) in _COMMON or any(_letters(lower) in run for run in _RUNS):
        raise DirectoryError(_("this password is among the first that are tried: take several unrelated words instead"))
    if part := _part_of_address(lower, address):
        raise DirectoryError(_("the password must not contain {part}, which is part of the address").format(part=part))


def _core(lower: str) -> str:
    """Take off what people put around a common word: digits and signs before and after it."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", lower)


def _letters(lower: str) -> str:
    return re.sub(r"[\W_]", "", lower)


def _part_of_address(lower: str, address: str) -> str:
    local_part, _at, domain = address.partition("@")
    parts = (local_part, domain, domain.split(".")[0])
    return next((part for part in parts if len(part) >= _SHORTEST_PART and part in lower), "")
