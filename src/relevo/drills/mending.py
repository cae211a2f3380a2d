"""What every drill that breaks something ends with: the platform is whole again, and how long that took."""

from __future__ import annotations

import time
from contextlib import suppress

from relevo.agent.planned import UNDRAIN
from relevo.cluster.wires import ASK_AGENT
from relevo.drills.result import Figure
from relevo.drills.vocabulary import HEALTHY_SECONDS, World
from relevo.errors import RelevoError
from relevo.i18n import _


def whole_again(world: World, title: str) -> bool:
    """Switch on what the drill switched off, check that the platform becomes whole, and tell whether it did."""
    with world.checking(
        _("{fault}: whole again").format(fault=title),
        tried=_("start again what was stopped, then wait for services, database and storage of all machines"),
        expected=_("within {limit:g} s").format(limit=HEALTHY_SECONDS),
    ) as check:
        began = time.monotonic()
        if troubles := world.restore():
            check.saw("; ".join(troubles), good=False)
            return False
        world.until_healthy()
        took = Figure(round(time.monotonic() - began, 1), "s")
        check.saw(_("whole, the virtual IP is on {node}").format(node=world.active.name), good=True, figure=took)
        return True
    return False


def make_whole(world: World, title: str) -> None:
    """Check that it becomes whole by itself; help it where it does not, so that what follows is fair."""
    if not whole_again(world, title):
        revive(world)


def revive(world: World) -> None:
    """Start anew whatever a drill broke and did not come back by itself; raise DrillError when that is of no use."""
    world.restore()
    for node in world.nodes.values():
        with suppress(RelevoError):
            node.revive()
    for node in world.mail_nodes:
        with suppress(RelevoError):
            if node.is_drained():  # planned work that failed leaves it so
                node.run(*ASK_AGENT, UNDRAIN)
    world.until_healthy()
