"""A platform of the older Debian becomes one of the newer, a machine at a time, while mail flows.

Given clients that send 2 numbered messages a second, on machines of the older Debian,
when the mail is moved off GlusterFS, which can't be of two releases, a bare machine of the newer Debian takes the place
of the standby, the virtual IP moves there, bare machines take the places of the other two, and the mail moves back,
then all machines are of the newer Debian, the platform is whole after every step, and nothing was lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from relevo.drills.blackout import fresh
from relevo.drills.drill import Drill
from relevo.drills.elsewhere import Place, elsewhere, home, move
from relevo.drills.events import Event, play
from relevo.drills.limits import Limit, aim
from relevo.drills.nodes import Node
from relevo.drills.promises.move import PAUSE
from relevo.drills.promises.planned import SWITCHED
from relevo.drills.vocabulary import World
from relevo.drills.waiting import NotHere
from relevo.i18n import _
from relevo.lab.packages import SUITE, SUITES

RENEWED = aim(5.0)  # the longest time without a 250 while a bare machine is made a part of the platform
_RATE = 2.0
_REPLACE_SECONDS, _SWITCH_SECONDS = 1200.0, 60.0
_SUITE_OF = ("sh", "-c", '. /etc/os-release; echo "$VERSION_CODENAME"')


def run(world: World) -> None:
    """Go the whole way, each step on a whole platform."""
    if not world.platform.in_lab or world.cluster.storage.kind != "glusterfs":
        raise NotHere(_("machines can be installed anew, and mail moved off its GlusterFS, in the lab only"))
    if all(suite == SUITE for suite in _suites(world)):
        text = _("all machines are of {newest} already; `relevo lab up --suite {older}` makes older ones")
        raise NotHere(text.format(newest=SUITES[SUITE].title, older=next(suite for suite in SUITES if suite != SUITE)))
    with elsewhere(world) as there:
        play(world, (
            _move(world, _("the mail is moved off GlusterFS"), there),
            *_machines(there.file),
            _move(world, _("the mail is moved back to GlusterFS"), home(world)),
        ))
    _judge(world)


def _machines(file: Path) -> Iterator[Event]:
    """Yield what happens to the machines; `file` is the operator's while the mail is elsewhere."""
    yield _renewal(_("the standby is renewed"), lambda world: world.standby, file)
    yield Event(
        _("switchover to the newer node"), lambda world: world.active, what="relevo switchover", gap_within=SWITCHED,
        rate=_RATE, strike=lambda node: node.platform.relevo("switchover", within=_SWITCH_SECONDS, file=file),
        witnesses=(fresh(),),
    )
    yield _renewal(_("the other mail node is renewed"), lambda world: world.standby, file)
    yield _renewal(_("the storage machine is renewed"), lambda world: world.storage_node, file)


def _renewal(title: str, machine: Callable[[World], Node], file: Path) -> Event:
    what = _("{node} is switched off, a bare machine of the newer Debian in its place; `relevo replace {node}`")
    return _slow(title, machine, what, RENEWED, lambda node: _renew(node, file))


def _renew(node: Node, file: Path) -> None:
    node.shut_down()
    node.renew(SUITE)
    node.platform.relevo("replace", node.name, within=_REPLACE_SECONDS, file=file)


def _move(world: World, title: str, place: Place) -> Event:
    what = f"`relevo storage move {place.storage.kind}`"
    return _slow(title, lambda world: world.active, what, PAUSE, lambda _node: move(world, place))


def _slow(
    title: str, machine: Callable[[World], Node], what: str, gap: Limit, strike: Callable[[Node], object],
) -> Event:
    return Event(
        title, machine, what=what, gap_within=gap, rate=_RATE, strike=strike, slowly=True, witnesses=(fresh(),),
    )


def _judge(world: World) -> None:
    with world.checking(
        _("the Debian of all machines"), tried="/etc/os-release", expected=SUITES[SUITE].title,
    ) as check:
        suites = _suites(world)
        check.saw(", ".join(suites), good=set(suites) == {SUITE})


def _suites(world: World) -> list[str]:
    return [node.run(*_SUITE_OF).strip() for node in world.nodes.values()]


DRILL = Drill(
    "distribution", _("From Debian 12 to 13"),
    _("Machines of the newer Debian take the places of the older ones, one after the other, while mail flows."), run,
    long=True,
)
