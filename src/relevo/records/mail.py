"""The records that make a domain a mail domain of the platform, and those of the mail host."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import NamedTuple

from relevo.cluster.wires import CLIENT_NAMES
from relevo.records.facts import Facts
from relevo.records.record import Record

_SIX = 6

# RFC 6186 and 8314: TLS from the first byte is preferred (priority 0) to STARTTLS (10).
_CLIENT_SERVICES = (
    ("_submissions", 0, 465), ("_submission", 10, 587), ("_imaps", 0, 993), ("_imap", 10, 143),
    ("_pop3s", 20, 995), ("_pop3", 30, 110),
)


class PublicKey(NamedTuple):
    """A DKIM key as it is published: `public` is the `p=` of its record."""

    selector: str
    public: str


def published(facts: Facts, domain: str, keys: Iterable[PublicKey]) -> tuple[Record, ...]:
    """Return what the public DNS must say so that a mail domain works for everybody; the first one has the host's."""
    mail = mail_records(facts, domain, keys)
    return (*host_records(facts), *mail, *pointers(facts)) if domain == facts.domain else mail


def mail_records(facts: Facts, domain: str, keys: Iterable[PublicKey]) -> tuple[Record, ...]:
    """Return the records of a mail domain."""
    host = f"{facts.hostname}."
    # Reports go to the domain's own postmaster: another domain's would have to agree first (RFC 7489, section 7.1).
    postmaster = facts.postmaster if domain == facts.domain else f"postmaster@{domain}"
    services = [
        Record(f"{service}._tcp.{domain}", "SRV", f"{priority} 1 {port} {host}")
        for service, priority, port in _CLIENT_SERVICES
    ]
    return (
        Record(domain, "MX", f"10 {host}"),
        Record(domain, "TXT", f"v=spf1 mx {facts.senders}"),
        *(key_record(domain, key) for key in keys),
        Record(f"_dmarc.{domain}", "TXT", f"v=DMARC1; p={facts.dmarc_policy}; rua=mailto:{postmaster}"),
        *services,
        Record(f"_autodiscover._tcp.{domain}", "SRV", f"0 0 443 {host}"),
        *(Record(f"{name}.{domain}", "CNAME", host) for name in CLIENT_NAMES),
    )


def host_records(facts: Facts) -> tuple[Record, ...]:
    """Return address and SPF of the name in our HELO (bounces have no other sender, RFC 7208 section 2.4)."""
    name = facts.hostname
    records = [Record(name, "AAAA" if _is_6(address) else "A", address) for address in facts.addresses]
    if name != facts.domain:  # else the domain's own SPF record stands there
        records.append(Record(name, "TXT", f"v=spf1 a {facts.senders}"))
    return tuple(records)


def pointers(facts: Facts) -> tuple[Record, ...]:
    """Return the PTR records of the host's addresses."""
    return tuple(Record(ip_address(each).reverse_pointer, "PTR", f"{facts.hostname}.") for each in facts.addresses)


def key_record(domain: str, key: PublicKey) -> Record:
    """Return the record of a DKIM key (RFC 6376, section 3.6)."""
    return Record(f"{key.selector}._domainkey.{domain}", "TXT", f"v=DKIM1; k=rsa; p={key.public}")


def _is_6(address: str) -> bool:
    return ip_address(address).version == _SIX
