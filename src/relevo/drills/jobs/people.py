"""Who does the jobs, and where: names that nothing else has, with new passwords."""

from __future__ import annotations

import secrets as random
from dataclasses import dataclass

from relevo.drills.accounts import Account

HOME, OTHER, MADE, MIRROR = "drill-jobs.example", "drill-other.example", "drill-made.example", "drill-alias.example"
DOMAINS = (MADE, MIRROR, HOME, OTHER)  # aliases go before what they mirror


@dataclass(frozen=True)
class People:
    """Administrators log in with addresses that are no mailboxes."""

    everything: Account  # of all
    local: Account  # of HOME alone
    ana: Account  # owner of a mailbox in HOME
    luis: Account  # another one, who sets a second factor up
    other: Account  # owner of a mailbox in OTHER

    @classmethod
    def new(cls) -> People:
        """Return them with new passwords."""
        def at(address: str) -> Account:
            return Account(address, random.token_urlsafe(18))

        return cls(
            at(f"drill-global@admins.{HOME}"), at(f"drill-local@admins.{HOME}"), at(f"ana@{HOME}"), at(f"luis@{HOME}"),
            at(f"otra@{OTHER}"),
        )
