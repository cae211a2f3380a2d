"""Login of administrators, slowed down for whoever guesses.

Failures count for an address together with the client they come from: a stranger elsewhere can't lock anybody out.
They also count for a client alone, so that many addresses can't be tried from one place. What an attacker with many
clients has left is few guesses each, at 40 ms of argon2, against passwords that are strong (passwords.py).
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from ipaddress import IPv6Address, ip_address, ip_network

from django.utils import timezone

from relevo.directory import audit, passwords
from relevo.directory.database import changing, explained
from relevo.directory.models import ADDRESS_LENGTH, Administrator, FailedLogin
from relevo.errors import DirectoryError
from relevo.i18n import _

WINDOW = timedelta(minutes=15)  # for so long a failure counts
MOST_FOR_ADDRESS = 5  # failures for one address from one client
MOST_FROM_CLIENT = 20  # failures from one client
_PROGRAMS, _TOKEN = "api", "token"  # stand for client and address where a program has shown a wrong token
_CLIENT_LENGTH = 45
_OWN_NETWORK = 64  # bits: one customer of a provider has at least that much of IPv6 (RFC 6177)


def log_in(address: str, password: str, client: str) -> Administrator:
    """Return the administrator with that address and password; `client` is the IP address that asks.

    Raises:
        DirectoryError: they don't fit, or too many attempts have failed from there; it does not tell which part is
            wrong, and takes as long for an address that is nobody's.
    """
    wanted, place = address.strip().lower()[:ADDRESS_LENGTH], network(client)
    with explained():
        _require_patience(wanted, place)
        found = Administrator.objects.filter(address=wanted).first()
        right = passwords.matches(found.password if found else _nobodys(), password)
        if found and right and found.enabled:
            _succeeded(found, place)
            return found
        _failed(wanted, place)
    raise DirectoryError(_("address or password is wrong, or this administrator is switched off"))


def refuse_token(client: str) -> None:
    """Note that a client has shown a token that is nobody's; raise DirectoryError when it has done so too often.

    It is counted apart from logins: a program with an old token locks nobody out who sits in the same place.
    """
    place = f"{_PROGRAMS} {network(client)}"[:_CLIENT_LENGTH]
    with explained():
        _require_patience(_TOKEN, place)
        _failed(_TOKEN, place)


def network(client: str) -> str:
    """Return what failures are counted for: an IPv4 address, or the IPv6 network that one customer has."""
    try:
        address = ip_address(client)
    except ValueError:
        return client[:_CLIENT_LENGTH]
    if isinstance(address, IPv6Address) and not address.ipv4_mapped:
        return str(ip_network((address, _OWN_NETWORK), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)


def _require_patience(address: str, client: str) -> None:
    recent = FailedLogin.objects.filter(client=client, at__gt=timezone.now() - WINDOW).values_list("address", "at")
    failures = sorted(recent, key=lambda row: row[1])
    own = [at for name, at in failures if name == address]
    all_ = [at for _name, at in failures]
    until = [times[-most] + WINDOW for times, most in ((own, MOST_FOR_ADDRESS), (all_, MOST_FROM_CLIENT))
             if len(times) >= most]
    if until:
        minutes = int((max(until) - timezone.now()).total_seconds() // 60) + 1
        raise DirectoryError(
            _("too many attempts from your address have failed: try again in {minutes} min").format(minutes=minutes)
        )


@changing
def _failed(address: str, client: str) -> None:
    FailedLogin.objects.filter(at__lte=timezone.now() - WINDOW).delete()
    FailedLogin.objects.create(address=address, client=client)


@changing
def _succeeded(administrator: Administrator, client: str) -> None:
    FailedLogin.objects.filter(client=client, address=administrator.address).delete()
    with audit.acting(administrator.address, audit.source.get() or client):
        audit.record("admin.login", administrator.address)


@cache
def _nobodys() -> str:
    return passwords.unusable()
