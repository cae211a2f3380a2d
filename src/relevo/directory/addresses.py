"""What a domain name and an address may look like; everything is returned in lower case and ASCII.

Sources: RFC 5321 4.5.3.1 (lengths), RFC 5322 3.2.3 (dot-atom), RFC 5890 (IDNA).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from relevo.errors import DirectoryError
from relevo.i18n import _

LOCAL_PART_LENGTH, DOMAIN_LENGTH, ADDRESS_LENGTH = 64, 253, 254
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_TOP_LABEL = re.compile(r"[a-z][a-z0-9-]*[a-z0-9]")
_OWN_LOCAL_PART = re.compile(r"[a-z0-9_]([a-z0-9_-]|\.(?!\.))*(?<!\.)")  # also a folder's name
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ANY_LOCAL_PART = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_IDNA_2003_DIFFERS = frozenset("ßς\u200c\u200d")  # Python's codec would map these to another name than IDNA 2008


class Address(NamedTuple):
    """A checked address."""

    local_part: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local_part}@{self.domain}"

    @property
    def without_tag(self) -> str:
        """The address that mail with a plus tag is for: `ana+x@d` is `ana@d`."""
        return f"{self.local_part.split('+', 1)[0] or self.local_part}@{self.domain}"


def domain_name(text: str) -> str:
    """Return a domain name in lower case, an international one as its A-labels (`xn--...`)."""
    name = text.strip().rstrip(".").lower()
    if not name.isascii():
        if _IDNA_2003_DIFFERS & set(name):
            raise DirectoryError(_("{text}: write this name in its xn-- form").format(text=text))
        try:
            name = name.encode("idna").decode()
        except UnicodeError:
            raise _bad_domain(text) from None
    labels = name.split(".")
    well = len(name) <= DOMAIN_LENGTH and len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    if not well or not _TOP_LABEL.fullmatch(labels[-1]):
        raise _bad_domain(text)
    return name


def own_address(text: str) -> Address:
    """Return an address that a mailbox, alias or list of ours may have: letters, digits, dot, hyphen, underscore."""
    address = _split(text)
    if "+" in address.local_part:
        raise DirectoryError(
            _("{text}: what follows a + is a tag that every mailbox has anyway; leave it out").format(text=text)
        )
    if not _OWN_LOCAL_PART.fullmatch(address.local_part):
        raise DirectoryError(
            _("{text}: before the @ only letters, digits, '.', '-' and '_' can stand, and no '.' first, last or twice")
            .format(text=text)
        )
    return address


def any_address(text: str) -> Address:
    """Return an address that mail may go to, here or elsewhere: any dot-atom, also with a plus tag."""
    address = _split(text)
    if not _ANY_LOCAL_PART.fullmatch(address.local_part):
        raise DirectoryError(_("{text} is no address: write it like name@example.org").format(text=text))
    return address


def _split(text: str) -> Address:
    local_part, at, domain = text.strip().rpartition("@")
    if not at or not local_part:
        raise DirectoryError(_("{text!r} is no address: write it like name@example.org").format(text=text))
    if '"' in local_part or "\\" in local_part:
        raise DirectoryError(_("{text}: quoted addresses are not supported; leave the quotes out").format(text=text))
    if not local_part.isascii():
        raise DirectoryError(
            _("{text}: only ASCII can stand before the @ (no accents, no ñ), since many servers still refuse more")
            .format(text=text)
        )
    address = Address(local_part.lower(), domain_name(domain))
    if len(local_part) > LOCAL_PART_LENGTH or len(str(address)) > ADDRESS_LENGTH:
        raise DirectoryError(
            _("{text}: too long; at most {local} characters before the @ and {total} in all")
            .format(text=text, local=LOCAL_PART_LENGTH, total=ADDRESS_LENGTH)
        )
    return address


def _bad_domain(text: str) -> DirectoryError:
    return DirectoryError(_("{text!r} is no domain name: write it like example.org").format(text=text))
