"""Administrators as they are sent and received."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from relevo.web.api.shapes import Changes, Given, Page, Told, may_be_left_out
from relevo.web.api.words import AnyAddress, DomainNames, Password

_Role = Literal["global", "domain"]
_DOMAINS = "What it sees and changes; none for a global one."


class Administrator(Told):
    """Who administers on the web, or by a program."""

    address: str = Field(examples=["luis@example.org"])
    role: _Role
    domains: list[str] = Field(description=_DOMAINS)
    enabled: bool
    last_login: str | None = Field(description="On the web; null when never.")


class NewAdministrator(Given):
    """An administrator to be added."""

    address: AnyAddress
    password: Password
    role: _Role = "domain"
    domains: DomainNames = Field(default=[], description=_DOMAINS)
    enabled: bool = True


class AdministratorChanges(Changes):
    """What shall be different."""

    password: Password = may_be_left_out()
    role: _Role = may_be_left_out()
    domains: DomainNames = may_be_left_out("All of them.")
    enabled: bool = may_be_left_out("Off: logged out at once, and their tokens are refused.")


class Administrators(Page[Administrator]):
    """A page of administrators."""
