"""Login of administrators, slowed down for whoever guesses (attempts.py).

What an attacker with many clients has left is few guesses each, at 25 ms of argon2, against passwords that are strong
(passwords.py).

Where a second factor stands (factors.py) the password is half of it: failures of both halves count alike, and what has
failed is only forgotten when both are right.
"""

from __future__ import annotations

from collections.abc import Callable

from relevo.directory import attempts, audit, factors, passwords, recovery, totp
from relevo.directory.attempts import network, place_of
from relevo.directory.database import changing, explained
from relevo.directory.models import ADDRESS_LENGTH, Administrator
from relevo.errors import DirectoryError
from relevo.i18n import _

_PROGRAMS, _TOKEN = "api", "token"  # stand for client and address where a program has shown a wrong token


def log_in(address: str, password: str, client: str) -> Administrator:
    """Return the administrator with that address and password; `client` is the IP address that asks.

    Nobody is logged in by that alone when `factors.decides`: `log_in_with` follows.

    Raises:
        DirectoryError: they don't fit, or too many attempts have failed from there; it does not tell which part is
            wrong, and takes as long for an address that is nobody's.
    """
    wanted, place = address.strip().lower()[:ADDRESS_LENGTH], network(client)
    with explained():
        attempts.require_patience(wanted, place)
        found = Administrator.objects.filter(address=wanted).first()
        right = passwords.matches(found.password if found else passwords.nobodys(), password)
        if found and right and found.enabled:
            if not factors.decides(found):
                _succeeded(found, place)
            return found
        attempts.note(wanted, place)
    raise DirectoryError(_("address or password is wrong, or this administrator is switched off"))


def refuse_token(client: str) -> None:
    """Note that a client has shown a token that is nobody's; raise DirectoryError when it has done so too often.

    It is counted apart from logins: a program with an old token locks nobody out who sits in the same place.
    """
    place = place_of(_PROGRAMS, client)
    with explained():
        attempts.require_patience(_TOKEN, place)
        attempts.note(_TOKEN, place)


def log_in_with(administrator: Administrator, client: str, proof: Callable[[], bool]) -> None:
    """Complete the login of an administrator whose password was right.

    Args:
        administrator: as `log_in` has returned it.
        client: the IP address that asks.
        proof: tells whether the second factor is right, and uses it up.

    Raises:
        DirectoryError: it is not, or too many attempts have failed from there.
    """
    place = network(client)
    with explained():
        attempts.require_patience(administrator.address, place)
        if proof():
            _succeeded(administrator, place)
            return
        attempts.note(administrator.address, place)
        _refused(administrator)
    raise DirectoryError(_("that is not right, or it was used already: take the next code, or another way"))


def confirm_password(administrator: Administrator, password: str, client: str) -> None:
    """Raise DirectoryError unless this is the password of who is logged in; guesses are slowed down here, too."""
    place = network(client)
    with explained():
        attempts.require_patience(administrator.address, place)
        if administrator.check_password(password):
            return
        attempts.note(administrator.address, place)
    raise DirectoryError(_("this is not your password"))


def set_up_done(administrator: Administrator, client: str) -> None:
    """Complete the login of an administrator who has just set up the second factor that is demanded."""
    _succeeded(administrator, network(client))


def right_code(administrator: Administrator, code: str) -> bool:
    """Tell whether a code is the app's of now, or a recovery code; it is used up by that."""
    return totp.accepts(administrator, code) if totp.is_code(code) else recovery.accepts(administrator, code)


@changing
def _refused(administrator: Administrator) -> None:
    """Note it, unlike a wrong password: whoever this was knows the right one."""
    with audit.acting(administrator.address, audit.source.get()):
        audit.record("admin.factors.refused", administrator.address)


@changing
def _succeeded(administrator: Administrator, client: str) -> None:
    attempts.forget(administrator.address, client)
    with audit.acting(administrator.address, audit.source.get() or client):
        audit.record("admin.login", administrator.address)
