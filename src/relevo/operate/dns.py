"""What the public DNS must say of the platform, and whether it does. Pure but for `resolver`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import dns.exception
import dns.resolver

from relevo.cluster.model import Cluster
from relevo.errors import RelevoError
from relevo.i18n import _
from relevo.records.facts import facts, public_address
from relevo.records.mail import PublicKey, published
from relevo.records.record import Record
from relevo.records.verdict import Finding, judge

Lookup = Callable[[str, str], Sequence[str]]  # (name, type) -> data of each record, none when there is no such name
Keys = Mapping[str, Sequence[PublicKey]]  # of each domain, those that are to be published

_SECONDS = 5.0


def wanted(cluster: Cluster, keys: Keys) -> tuple[Record, ...]:
    """Return what must be published for the domains whose DKIM keys are given."""
    outside = facts(cluster, outside=True)
    return tuple(record for domain, own in keys.items() for record in published(outside, domain, own))


def unreachable_address(cluster: Cluster) -> str | None:
    """Return the address that would be published although the internet can't reach it, None when all is well."""
    address = public_address(cluster)
    return None if address.is_global else str(address)


def check(records: Sequence[Record], lookup: Lookup) -> tuple[Finding, ...]:
    """Compare what should be published with what a resolver says."""
    return tuple(judge(record, lookup(record.name, record.type)) for record in records)


def resolver(server: str = "") -> Lookup:
    """Return a function that asks a name server, the system's own when none is given.

    The function raises RelevoError when no server answers.
    """
    asked = dns.resolver.Resolver(configure=not server)
    if server:
        asked.nameservers = [server]
    asked.lifetime = _SECONDS

    def lookup(name: str, kind: str) -> tuple[str, ...]:
        try:
            return tuple(_text(data) for data in asked.resolve(f"{name}.", kind, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except dns.exception.DNSException as error:
            text = _(
                "no answer to {name} {kind} within {seconds:.0f} s ({error}): try again, or ask another name server "
                "with --resolver"
            )
            said = text.format(name=name, kind=kind, seconds=_SECONDS, error=type(error).__name__)
            raise RelevoError(said) from None

    return lookup


def _text(data: object) -> str:
    """Return a record's data as text; the strings of a TXT record are joined."""
    strings = getattr(data, "strings", None)
    return b"".join(strings).decode(errors="replace") if strings is not None else str(data)
