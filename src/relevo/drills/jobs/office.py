"""What jobs are done with: the place, a desk for everybody who does them, and what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser

from relevo.drills.accounts import Account
from relevo.drills.browser import DESK, PHONE, Screen, visit
from relevo.drills.jobs.api import Api
from relevo.drills.jobs.desk import Desk
from relevo.drills.jobs.people import People
from relevo.drills.jobs.place import Place
from relevo.drills.jobs.signing_in import Factors, enter_administration, enter_portal
from relevo.errors import DrillError


@dataclass
class Office:
    """Each desk is a browser of its own, which is logged in when it is first needed and stays so."""

    place: Place
    people: People
    api: Api
    browser: Browser = field(repr=False)
    factors: Factors = field(default_factory=Factors, repr=False)
    _desks: dict[str, Desk] = field(default_factory=dict, repr=False)
    _open: ExitStack = field(default_factory=ExitStack, repr=False)

    @property
    def everything(self) -> Desk:
        """The desk of the global administrator, who has a second factor."""
        return self._of(self.people.everything, DESK, enter_administration)

    @property
    def local(self) -> Desk:
        """The desk of the administrator of one domain."""
        return self._of(self.people.local, DESK, enter_administration)

    @property
    def ana(self) -> Desk:
        """The phone of an owner without a second factor."""
        return self._of(self.people.ana, PHONE, enter_portal)

    @property
    def luis(self) -> Desk:
        """The phone of an owner who sets one up."""
        return self._of(self.people.luis, PHONE, enter_portal)

    @property
    def desks(self) -> tuple[Desk, ...]:
        """Return those that were needed so far."""
        return tuple(self._desks.values())

    @contextmanager
    def stranger(self) -> Iterator[Desk]:
        """Have a desk for a moment, at which nobody is logged in."""
        with visit(self.browser, DESK) as context:
            yield Desk(self.place.base, context.new_page())

    def leave(self, account: Account) -> None:
        """Take somebody's browser away: the next one has to log in."""
        if desk := self._desks.pop(account.address, None):
            desk.page.context.close()

    def close(self) -> None:
        """Close all browsers."""
        self._desks.clear()
        self._open.close()

    def _of(self, account: Account, screen: Screen, enter: Callable[[Desk, Account, Factors], None]) -> Desk:
        if account.address not in self._desks:
            desk = Desk(self.place.base, self._open.enter_context(visit(self.browser, screen)).new_page())
            enter(desk, account, self.factors)
            self._desks[account.address] = desk
        return self._desks[account.address]


def expect(right: object, otherwise: str) -> None:
    """Raise DrillError, with what is instead, unless something is so."""
    if not right:
        raise DrillError(otherwise)
