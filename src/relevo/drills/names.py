"""Ask one name server, without this machine's own resolver in between."""

from __future__ import annotations

from dataclasses import dataclass

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.reversename

from relevo.errors import DrillError

_SECONDS = 3.0


@dataclass(frozen=True)
class Records:
    """The answer of one server: the records as text (sorted), whether it is an authority for them, and its code."""

    texts: tuple[str, ...]
    authoritative: bool
    code: str

    def __str__(self) -> str:
        return " | ".join(self.texts) or self.code


def ask(server: str, name: str, kind: str) -> Records:
    """Ask `server` for records of a kind (`A`, `MX`, `TXT`, `SRV`, `PTR`); names without their last dot come back.

    Raises DNSException or OSError when it does not answer.
    """
    query = dns.message.make_query(name, kind, use_edns=True)
    answer, _ = dns.query.udp_with_fallback(query, server, timeout=_SECONDS)
    wanted = dns.rdatatype.from_text(kind)
    texts = [_text(record) for rrset in answer.answer if rrset.rdtype == wanted for record in rrset]
    authoritative = bool(answer.flags & dns.flags.AA)
    return Records(tuple(sorted(texts)), authoritative, dns.rcode.to_text(answer.rcode()))


def address(server: str, name: str) -> str:
    """Return the first IPv4 address to which a name leads; raise DrillError when there is none."""
    found = ask(server, name, "A")
    if not found.texts:
        raise DrillError(f"{name}: {found}")
    return found.texts[0]


def reverse(address: str) -> str:
    """Return the name under which the PTR record of an address is."""
    return dns.reversename.from_address(address).to_text().rstrip(".")


def txt(server: str, name: str) -> bytes:
    """Return the first TXT record of a name, its strings joined; empty when there is none."""
    texts = ask(server, name, "TXT").texts
    return texts[0].encode() if texts else b""


def _text(record: object) -> str:
    strings = getattr(record, "strings", None)
    if strings is not None:
        return b"".join(strings).decode(errors="replace")
    return " ".join(word.rstrip(".") for word in str(record).split())
