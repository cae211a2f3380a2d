"""A service of the active node that dies, hangs or can't start stops nobody for longer than a second or two.

Given clients that send 5 numbered messages a second, and others that connect anew all the time,
when a service of the active node is killed, or its processes stop running, or each of its starts fails,
then mail is accepted and mailboxes are usable again within 1 s, 2 s where it hangs or can't start; nothing is lost;
and what was killed has come back by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from relevo.drills.blackout import fresh
from relevo.drills.drill import Drill
from relevo.drills.events import Event, Story, Witness, play
from relevo.drills.limits import Limit, aim
from relevo.drills.nodes import Node
from relevo.drills.vocabulary import World
from relevo.errors import DrillError, RelevoError
from relevo.i18n import _

KILLED, HUNG, LOOPING = aim(1.0), aim(2.0), aim(2.0)
DELIVERED = aim(3.0)
UNITS = ("postfix", "dovecot", "nginx", "mariadb", "amavis", "clamav-daemon", "keepalived", "relevo-agent")


@dataclass(frozen=True)
class Kind:
    """A way in which a service fails, and how soon clients must be served again."""

    title: str  # with {unit}
    what: str  # with {unit} and {node}
    strike: Callable[[Node, str], None]
    within: Limit
    comes_back: bool = False


KINDS = (
    Kind(
        _("{unit} killed"), _("the main process of {unit} on {node} is killed"), Node.kill, KILLED,
        comes_back=True,
    ),
    Kind(_("{unit} hung"), _("the processes of {unit} on {node} are frozen"), Node.hang, HUNG),
    Kind(
        _("{unit} crash-looping"), _("{unit} on {node} is killed, and each start of it fails"), Node.crash_loop,
        LOOPING,
    ),
)


class CameBack:
    """A witness of whether a unit that was killed ran again before anybody mended anything."""

    def __init__(self, world: World, unit: str) -> None:
        self._nodes, self._unit = world.mail_nodes, unit
        self._runs: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for node in self._nodes:
            with suppress(RelevoError):
                self._runs |= {node.name} if node.is_active(self._unit) else set()

    def judge(self, world: World, story: Story) -> None:
        """Write it into the table."""
        with world.checking(
            _("{event}: comes back by itself").format(event=story.event.title), tried=story.scene.tried,
            expected=_("{unit} runs on {node}").format(unit=self._unit, node=story.victim.name),
        ) as check:
            runs = story.victim.name in self._runs
            check.saw(_("it runs") if runs else _("it does not run"), good=runs)


def run(world: World) -> None:
    """Let each vital service of the active node fail in each way, each time on a whole platform."""
    world.until_healthy()
    play(world, events(units(world)))


def units(world: World) -> list[str]:
    """Return the vital units of a mail node; PHP's has its version in its name."""
    found = world.active.run("systemctl", "list-units", "--plain", "--no-legend", "php*-fpm.service").split()
    fpm = next((word for word in found if word.endswith("-fpm.service")), "")
    if not fpm:
        raise DrillError(_("no PHP runs on the active node"))
    return [*UNITS[:3], fpm.removesuffix(".service"), *UNITS[3:]]


def events(of_units: list[str]) -> Iterator[Event]:
    """Return what is to happen, unit by unit."""
    for unit in of_units:
        yield from (event(unit, kind) for kind in KINDS)


def event(unit: str, kind: Kind) -> Event:
    """Return one failure of one unit."""
    witnesses: list[Callable[[World], Witness]] = [fresh(kind.within)]
    if kind.comes_back:
        witnesses.append(lambda world: CameBack(world, unit))
    return Event(
        kind.title.format(unit=unit), lambda world: world.active, kind.within, DELIVERED,
        strike=lambda node: kind.strike(node, unit), what=kind.what.format(unit=unit, node="{node}"),
        gap_within=kind.within, witnesses=tuple(witnesses),
    )


DRILL = Drill(
    "services", _("Services that fail"),
    _("A service that dies, hangs or can't start stops nobody for longer than a second or two."), run, long=True,
)
