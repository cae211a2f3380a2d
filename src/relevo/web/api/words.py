"""The types of fields: what an address, a domain name and a text may be, said to programs and checked alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, SecretStr

from relevo.directory.addresses import ADDRESS_LENGTH, DOMAIN_LENGTH, any_address, domain_name, own_address
from relevo.directory.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH
from relevo.directory.sender_rules import recipient_of, sender_of
from relevo.errors import DirectoryError
from relevo.i18n import _

MOST = 2**31 - 1  # of a number in the database
MANY = 10_000  # addresses in one list


def _checked(parse: Callable[[str], object]) -> AfterValidator:
    """Turn what the directory says of a text into what Pydantic says of a field."""

    def check(text: str) -> str:
        try:
            return str(parse(text))
        except DirectoryError as error:
            raise ValueError(str(error)) from None

    return AfterValidator(check)


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError(_("this moment is outside of the calendar")) from None


def _whole(value: object) -> object:
    """Take 5.0 for 5, as JSON Schema does: a program's language may write every number so."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _no_number(value: object) -> object:
    """Refuse seconds since 1970, which Pydantic would take for a moment."""
    if isinstance(value, str) and "T" not in value.upper():
        raise ValueError(_("it must be a date and time with its zone, e.g. 2026-11-28T09:30:00Z"))
    return value


def _ip(text: str) -> str:
    """Return an IP address as all write it, or nothing; the directory says the same of it in its own words."""
    if text:
        try:
            return str(ip_address(text))
        except ValueError:
            raise ValueError(_("{text!r} is no IP address").format(text=text)) from None
    return ""


OwnAddress: TypeAlias = Annotated[
    str, _checked(own_address),
    Field(max_length=ADDRESS_LENGTH, json_schema_extra={"format": "own-address"}, examples=["ana@example.org"]),
]
AnyAddress: TypeAlias = Annotated[
    str, _checked(any_address),
    Field(max_length=ADDRESS_LENGTH, json_schema_extra={"format": "address"}, examples=["ana@example.org"]),
]
DomainName: TypeAlias = Annotated[
    str, _checked(domain_name),
    Field(max_length=DOMAIN_LENGTH, json_schema_extra={"format": "domain-name"}, examples=["example.org"]),
]
DomainOrNone: TypeAlias = Annotated[
    str, _checked(lambda text: text and domain_name(text)),
    Field(max_length=DOMAIN_LENGTH, json_schema_extra={"format": "domain-name-or-empty"}, examples=[""]),
]
IpOrNone: TypeAlias = Annotated[
    str, AfterValidator(_ip), Field(max_length=45, json_schema_extra={"format": "ip-or-empty", "example": "192.0.2.7"}),
]
AddressOrNone: TypeAlias = Annotated[
    str, _checked(lambda text: text and any_address(text)),
    Field(max_length=ADDRESS_LENGTH, json_schema_extra={"format": "address-or-empty"}, examples=[""]),
]
Sender: TypeAlias = Annotated[
    str, _checked(lambda text: sender_of(text).removeprefix("@")),
    Field(max_length=ADDRESS_LENGTH, json_schema_extra={"format": "sender"}, examples=["shop@example.com"]),
]
Whom: TypeAlias = Annotated[
    str, _checked(recipient_of),
    Field(max_length=ADDRESS_LENGTH, json_schema_extra={"format": "whom"}, examples=["ana@example.org"]),
]
Addresses: TypeAlias = Annotated[list[AnyAddress], Field(max_length=MANY, examples=[["ana@example.org"]])]
OwnAddresses: TypeAlias = Annotated[list[OwnAddress], Field(max_length=1000, examples=[["ana@example.org"]])]
DomainNames: TypeAlias = Annotated[list[DomainName], Field(max_length=1000, examples=[["example.org"]])]
Password: TypeAlias = Annotated[
    SecretStr,
    Field(min_length=MINIMUM_LENGTH, max_length=MAXIMUM_LENGTH, examples=["several unrelated words"]),
]
NamedByAddress: TypeAlias = Annotated[
    str, Field(description="Its address.", json_schema_extra={"format": "own-address", "example": "ana@example.org"})
]
NamedByDomain: TypeAlias = Annotated[
    str, Field(description="Its name.", json_schema_extra={"format": "domain-name", "example": "example.org"})
]
Text: TypeAlias = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Number: TypeAlias = Annotated[int, Field(ge=0, le=MOST), BeforeValidator(_whole)]
Moment: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_no_number), AfterValidator(_in_utc)]
