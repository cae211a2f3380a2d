"""Attempts to log in that failed: after some of them whoever guesses has to wait.

They count for an address together with the client they come from, so that a stranger elsewhere can't lock anybody out,
and for a client alone, so that many addresses can't be tried from one place. They are in the database: both nodes know
them, and a failover forgets none.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.utils import timezone

from relevo.directory.database import changing
from relevo.directory.login_models import FailedLogin
from relevo.errors import DirectoryError
from relevo.i18n import _

WINDOW = timedelta(minutes=15)  # for so long a failure counts
MOST_FOR_ADDRESS = 5  # failures for one address from one client
MOST_FROM_CLIENT = 20  # failures from one client
_CLIENT_LENGTH = 45
_OWN_NETWORK = 64  # bits: one customer of a provider has at least that much of IPv6 (RFC 6177)


def network(client: str) -> str:
    """Return what failures are counted for: an IPv4 address, or the IPv6 network that one customer has."""
    try:
        address = ip_address(client)
    except ValueError:
        return client[:_CLIENT_LENGTH]
    if isinstance(address, IPv6Address) and not address.ipv4_mapped:
        return str(ip_network((address, _OWN_NETWORK), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)


def place_of(kind: str, client: str) -> str:
    """Return what failures of another kind than administrators' are counted for, apart from those."""
    return f"{kind} {network(client)}"[:_CLIENT_LENGTH]


def require_patience(address: str, place: str, most_from_place: int | None = MOST_FROM_CLIENT) -> None:
    """Raise DirectoryError, with how long to wait, when too many attempts have failed there.

    Args:
        address: that is tried.
        place: where from.
        most_from_place: so many failures there make all addresses wait; None: only those of the address count.
    """
    recent = FailedLogin.objects.filter(client=place, at__gt=timezone.now() - WINDOW).values_list("address", "at")
    failures = sorted(recent, key=lambda row: row[1])
    own = [at for name, at in failures if name == address]
    all_ = [at for _name, at in failures]
    until = [times[-most] + WINDOW for times, most in ((own, MOST_FOR_ADDRESS), (all_, most_from_place))
             if most is not None and len(times) >= most]
    if until:
        minutes = int((max(until) - timezone.now()).total_seconds() // 60) + 1
        raise DirectoryError(
            _("too many attempts from your address have failed: try again in {minutes} min").format(minutes=minutes)
        )


@changing
def note(address: str, place: str) -> None:
    """Note a failure, and forget those that count no more."""
    FailedLogin.objects.filter(at__lte=timezone.now() - WINDOW).delete()
    FailedLogin.objects.create(address=address, client=place)


def forget(address: str, place: str) -> None:
    """Forget the failures of an address there, within the caller's transaction."""
    FailedLogin.objects.filter(client=place, address=address).delete()
