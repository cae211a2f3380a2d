"""What a drill makes by commands and removes by them: before it, in case a run was broken off, and after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress

from relevo.drills.accounts import Account
from relevo.drills.vocabulary import World
from relevo.errors import RelevoError


@contextmanager
def removed(world: World, steps: Sequence[Sequence[str]]) -> Iterator[None]:
    """Run the commands before and after; what is not there is no trouble."""
    def remove() -> None:
        for step in steps:
            with suppress(RelevoError):
                world.relevo(step)

    remove()
    try:
        yield
    finally:
        remove()


def without_mailboxes(world: World, *accounts: Account) -> AbstractContextManager[None]:
    """See to it that there are none of these mailboxes before and after."""
    return removed(world, [
        step for account in accounts
        for step in (["mailbox", "remove", account.address], ["mailbox", "purge", "--yes", account.address])
    ])
