"""Zone files: the serial that only grows, and the zone of a domain's DKIM keys.

What is rendered has the serial 0; `with_serial` gives it the installed one as long as nothing else differs, so that a
zone changes its serial exactly when it changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from relevo.records.mail import PublicKey, key_record

# SOA timers in seconds (RFC 1912 section 2.2). A secondary that lost the primary goes on answering for four weeks.
REFRESH, RETRY, EXPIRE = 300, 60, 4 * 7 * 86400
_SERIAL = re.compile(r"^(\s+)(\d+)( ; serial)$", re.MULTILINE)
_KEY_ZONE = """\
; Made by Relevo: the DKIM keys of {domain}, as the database has them; changes here are lost.
$ORIGIN {zone}.
$TTL {ttl}
@ IN SOA {servers[0]}. {contact} (
    0 ; serial
    {refresh} ; refresh
    {retry} ; retry
    {expire} ; expire
    {ttl} ; how long a resolver remembers that a name does not exist
)
"""


def key_zone(domain: str, keys: Iterable[PublicKey], *, servers: Sequence[str], contact: str, ttl: int) -> str:
    """Return the zone `_domainkey` of a domain: its keys; `contact` is the postmaster's address."""
    head = _KEY_ZONE.format(
        domain=domain, zone=f"_domainkey.{domain}", ttl=ttl, servers=servers, contact=mailbox_name(contact),
        refresh=REFRESH, retry=RETRY, expire=EXPIRE,
    )
    names = [f"@ IN NS {server}." for server in servers]
    texts = [f"{key.selector} IN TXT {key_record(domain, key).presentation}" for key in sorted(keys)]
    return head + "\n".join([*names, *texts]) + "\n"


def with_serial(wanted: str, installed: str | None, now: int) -> str:
    """Return the wanted zone with its serial: the installed one when the rest is the same, else a higher one.

    A new serial is the time in seconds (`now`), or the installed one plus one when that is not yet past: so it also
    grows when the primary was installed anew and its old file is lost (RFC 1982: by up to 2^31 - 1 at once).
    """
    old = serial_of(installed) if installed else None
    if old is not None and installed is not None and _set(installed, 0) == _set(wanted, 0):
        return installed
    return _set(wanted, max(now, (old or 0) + 1))


def serial_of(text: str) -> int | None:
    """Return the serial of a zone file of ours, None when there is none."""
    found = _SERIAL.search(text)
    return int(found[2]) if found else None


def mailbox_name(address: str) -> str:
    """Return a mail address as SOA wants it (RFC 1035 section 8): dots of the local part escaped, the @ a dot."""
    local, _, domain = address.partition("@")
    return local.replace(".", "\\.") + f".{domain}."


def _set(text: str, serial: int) -> str:
    return _SERIAL.sub(rf"\g<1>{serial}\g<3>", text, count=1)
