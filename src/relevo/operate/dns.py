"""What the public DNS must say of the platform, and whether it does. Pure but for `resolver`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import dns.exception
import dns.resolver

from relevo.cluster.model import Cluster
from relevo.cluster.secrets import Secrets
from relevo.errors import RelevoError
from relevo.services.bind.records import Record, public_address, published_records

Lookup = Callable[[str, str], Sequence[str]]  # (name, type) -> data of each record, none when there is no such name

_SECONDS = 5.0
_CONVENIENCE = ("SRV", "CNAME")  # programs find their settings by these; mail flows without them


class Verdict(StrEnum):
    """How a published record is."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """One record as it should be, what was found under its name, and the verdict."""

    record: Record
    found: tuple[str, ...]
    verdict: Verdict

    @property
    def matters(self) -> bool:
        """Tell whether mail suffers: it is not right, and not only a convenience of mail programs."""
        return self.verdict is not Verdict.RIGHT and self.record.type not in _CONVENIENCE


def wanted(cluster: Cluster, secrets: Secrets, domains: Sequence[str] = ()) -> tuple[Record, ...]:
    """Return what must be published for these domains; for the cluster's first one when none is named."""
    names = domains or (cluster.domain,)
    return tuple(record for domain in names for record in published_records(cluster, secrets, domain))


def zone_line(record: Record, ttl: int) -> str:
    """Return a record as a line of a zone file."""
    return f"{record.name}. {ttl} IN {record.type} {record.presentation}"


def unreachable_address(cluster: Cluster) -> str | None:
    """Return the address that would be published although the internet can't reach it, None when all is well."""
    address = public_address(cluster)
    return None if address.is_global else str(address)


def check(records: Sequence[Record], lookup: Lookup) -> tuple[Finding, ...]:
    """Compare what should be published with what a resolver says."""
    return tuple(judge(record, lookup(record.name, record.type)) for record in records)


def judge(record: Record, answers: Sequence[str]) -> Finding:
    """Return the verdict on one record, given the data of all records of its name and type."""
    found = tuple(answer for answer in answers if _is_rival(record, answer))
    if not found:
        verdict = Verdict.MISSING
    elif record.type in {"SRV", "PTR"}:  # others of the name do no harm
        verdict = Verdict.RIGHT if any(_same(record, answer) for answer in found) else Verdict.WRONG
    else:  # a second address, MX, SPF or DMARC record is as bad as a wrong one (RFC 7208, 4.5; RFC 7489, 6.6.3)
        verdict = Verdict.RIGHT if len(found) == 1 and _same(record, found[0]) else Verdict.WRONG
    return Finding(record, found, verdict)


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
            what = f"no answer to {name} {kind} within {_SECONDS:.0f} s ({type(error).__name__})"
            raise RelevoError(f"{what}: try again, or ask another name server with --resolver") from None

    return lookup


def _text(data: object) -> str:
    """Return a record's data as text; the strings of a TXT record are joined."""
    strings = getattr(data, "strings", None)
    return b"".join(strings).decode(errors="replace") if strings is not None else str(data)


def _is_rival(record: Record, answer: str) -> bool:
    """Tell whether an answer claims to be what the record is: a name may have TXT records of other kinds."""
    return record.type != "TXT" or _kind(answer) == _kind(record.data)


def _kind(text: str) -> str:
    """Return what a TXT record is for: `v=spf1`, `v=dmarc1`, `v=dkim1` (whose version may be left out) ..."""
    first = text.replace(";", " ; ").split(maxsplit=1)[:1]
    if "p=" in text and not text.lower().startswith("v="):
        return "v=dkim1"
    return first[0].lower() if first else ""


def _same(record: Record, answer: str) -> bool:
    if record.type != "TXT":
        return _plain(record.data) == _plain(answer)
    kind = _kind(record.data)
    if kind == "v=spf1":  # order and additions don't matter as long as ours are there
        return set(record.data.lower().split()) <= set(answer.lower().split())
    return _tags(record.data).get("p") == _tags(answer).get("p")  # DKIM: the key; DMARC: the policy


def _plain(data: str) -> str:
    return " ".join(data.lower().rstrip(".").split())


def _tags(text: str) -> dict[str, str]:
    """Return the tags of a DKIM or DMARC record (RFC 6376 section 3.2); blanks inside a value don't count."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, _, value in pairs if name.strip()}
