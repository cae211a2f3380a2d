"""Where a message is that did not come, or came late: what `relevo trace` tells of it stands beside the check."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from relevo.cluster.wires import RELEVO_COMMAND
from relevo.drills.vocabulary import World
from relevo.drills.waiting import TROUBLE, NotDelivered, describe, eventually
from relevo.errors import DrillError
from relevo.i18n import _

# What could not be delivered at once is tried again after 60 s, and seen to within 60 more (Postfix's queue manager).
_LATEST_SECONDS = 150.0
_MOST_LINES = 60
_T = TypeVar("_T")


def delivered(world: World, token: str, look: Callable[[], _T | None], *, within: float, what: str) -> _T:
    """Return the first answer of `look` that is true: that a message was delivered.

    When that takes longer than `within` seconds, the check is told by which way it went. It is missing, not late, and
    NotDelivered is raised, when Postfix has had the time to try again. `token` is that of a message whose sender is
    outside or one of this platform's accounts.
    """
    began = time.monotonic()
    try:
        found = eventually(look, within=_LATEST_SECONDS, what=what)
    except DrillError as missing:
        raise NotDelivered(str(missing), way(world, token)) from None
    if (seconds := time.monotonic() - began) > within:
        late = _("late: {what} came after {seconds:.0f} s").format(what=what, seconds=seconds)
        world.recorder.note(late, *way(world, token))
    return found


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
