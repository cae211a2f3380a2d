"""Recovery codes: ten on paper, each good for one login without app and security key.

A code has 79 bits from the machine's random numbers, so a quick hash keeps it: nobody guesses through that many.
"""

from __future__ import annotations

import re
import secrets

from relevo.directory import audit, passwords
from relevo.directory.database import changing
from relevo.directory.login_models import RecoveryCode
from relevo.directory.models import Administrator

COUNT = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
_GROUPS, _GROUP = 4, 4


def draw(administrator: Administrator) -> list[str]:
    """Replace an administrator's codes, within the caller's transaction; return the new ones, to be shown once."""
    codes = new_codes()
    administrator.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(administrator=administrator, hashed=hashed(code)) for code in codes
    )
    return codes


@changing
def renew(administrator: Administrator) -> list[str]:
    """Give an administrator new codes in place of all older ones; return them, to be shown once."""
    codes = draw(administrator)
    audit.record("admin.factors.codes", administrator.address)
    return codes


def left(administrator: Administrator) -> int:
    """Return how many codes have not been used."""
    return administrator.recovery_codes.count()


@changing
def accepts(administrator: Administrator, code: str) -> bool:
    """Use a code up; tell whether it was one."""
    for row in administrator.recovery_codes.all():
        if is_one(row.hashed, code):
            used, _rows = RecoveryCode.objects.filter(pk=row.pk).delete()
            if used:  # nobody else was faster
                audit.record("admin.factors.code_used", administrator.address, left=left(administrator))
            return bool(used)
    return False


def new_codes() -> list[str]:
    """Return as many codes as one has, which nobody has had before."""
    return [_code() for _number in range(COUNT)]


def hashed(code: str) -> str:
    """Return what is kept of a code."""
    return passwords.hash_secret(_plain(code))


def is_one(kept: str, code: str) -> bool:
    """Tell whether what is kept is of that code."""
    return passwords.matches(kept, _plain(code))


def _code() -> str:
    groups = ("".join(secrets.choice(ALPHABET) for _letter in range(_GROUP)) for _group in range(_GROUPS))
    return "-".join(groups)


def _plain(code: str) -> str:
    return re.sub(r"[^a-z0-9]", "", code.lower())
