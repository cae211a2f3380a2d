"""Where a message is that did not come: what `relevo trace` tells of it, beside the check that failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from relevo.cluster.wires import RELEVO_COMMAND
from relevo.drills.vocabulary import World
from relevo.drills.waiting import TROUBLE, NotDelivered, describe, eventually
from relevo.errors import DrillError

_MOST_LINES = 60
_T = TypeVar("_T")


def delivered(world: World, token: str, look: Callable[[], _T | None], *, within: float, what: str) -> _T:
    """Return the first answer of `look` that is true; raise NotDelivered when that takes longer than `within` seconds.

    `token` is that of a message whose sender is outside or one of this platform's accounts.
    """
    try:
        return eventually(look, within=within, what=what)
    except DrillError as missing:
        raise NotDelivered(str(missing), way(world, token)) from None


def way(world: World, token: str) -> tuple[str, ...]:
    """Return what the mail nodes' journals tell of a message, a line each."""
    senders = dict.fromkeys(address.rpartition("@")[2] for address in (world.stranger, world.accounts.a.address))
    told: list[str] = []
    for domain in senders:
        try:
            told += world.relevo(["trace", f"{token}@{domain}"]).splitlines()
        except TROUBLE as trouble:
            told.append(f"{RELEVO_COMMAND} trace: {describe(trouble)}")
    return tuple(line.rstrip() for line in told if line.strip())[-_MOST_LINES:]
