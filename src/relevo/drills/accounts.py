"""The mailboxes, alias and list of a drill run: made by the CLI on the active node, removed and purged at its end."""

from __future__ import annotations

import secrets as random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from relevo.drills.waiting import NotHere
from relevo.errors import RelevoError

SMALL_QUOTA_MB = 1


@dataclass(frozen=True)
class Account:
    """A mailbox and how to get into it; the password never appears in what the object says of itself."""

    address: str
    password: str = field(repr=False, compare=False)


# relevo(arguments, standard input) on the node that holds the virtual IP
RelevoCommand = Callable[[Sequence[str], str | None], str]


@dataclass(frozen=True)
class Accounts:
    """What the drills of one run write to: two mailboxes, a tiny one, an alias of a, a list of a and b."""

    domain: str
    a: Account
    b: Account
    tiny: Account
    alias: str
    list_: str

    @classmethod
    def named(cls, domain: str) -> Accounts:
        """Choose names and new passwords."""
        def account(name: str) -> Account:
            return Account(f"drill-{name}@{domain}", random.token_urlsafe(18))

        return cls(domain, account("a"), account("b"), account("tiny"), f"drill-alias@{domain}", f"drill-list@{domain}")

    def make(self, relevo: RelevoCommand) -> None:
        """Make them; what an earlier, broken run left behind is removed first."""
        self.remove(relevo)
        for account, quota in ((self.a, 0), (self.b, 0), (self.tiny, SMALL_QUOTA_MB)):
            options = ["--password-stdin", "--quota", str(quota)]
            relevo(["mailbox", "add", account.address, *options], account.password + "\n")
        relevo(["alias", "add", self.alias, self.a.address], None)
        relevo(["list", "add", self.list_, "--member", self.a.address, "--member", self.b.address], None)

    def remove(self, relevo: RelevoCommand) -> list[str]:
        """Remove and purge them all; return what could not be removed, in words."""
        steps = [["list", "remove", self.list_], ["alias", "remove", self.alias]]
        for account in (self.a, self.b, self.tiny):
            steps += [["mailbox", "remove", account.address], ["mailbox", "purge", "--yes", account.address]]
        return [trouble for step in steps if (trouble := _try(relevo, step))]


def _try(relevo: RelevoCommand, step: Sequence[str]) -> str:
    try:
        relevo(step, None)
    except NotHere:
        raise
    except RelevoError as error:
        return str(error)
    return ""
