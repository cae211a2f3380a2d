"""All mail goes to another kind of storage and back while it flows, even when whoever moves it drops out midway.

Given clients that send 2 numbered messages a second, and an empty store that is none of the platform's own,
when `relevo storage move` takes the mail there,
then it is paused for minutes at most, and no message is lost or doubled;
and when the machine from which it is taken back dies in that pause, then the same command, given again, does the rest.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from functools import partial

from relevo.deploy.shell import CommandFailed, ended
from relevo.drills.blackout import fresh
from relevo.drills.drill import Drill
from relevo.drills.elsewhere import Place, elsewhere, home, move
from relevo.drills.events import Event, play
from relevo.drills.limits import aim
from relevo.drills.nodes import Node
from relevo.drills.platform import last_words, operators
from relevo.drills.vocabulary import World, eventually
from relevo.drills.waiting import NotHere
from relevo.i18n import _

PAUSE = aim(60.0)  # in the median; minutes at most are promised (docs: move the storage)
_RATE = 2.0
_PAUSED_SECONDS = 600.0


def run(world: World) -> None:
    """Take the mail to a store of somebody else, and back."""
    if not world.platform.in_lab or world.cluster.storage.kind != "glusterfs":
        raise NotHere(_("only the lab has another store to move to, and only from its own GlusterFS"))
    with elsewhere(world) as there:
        play(world, events(world, there, home(world)))


def events(world: World, there: Place, back: Place) -> Iterator[Event]:
    """Yield what is to happen."""
    again = _("`relevo storage move {kind}`, whose own machine dies in the pause, and again")
    yield Event(
        _("the mail is moved to another kind of storage"), lambda world: world.active, gap_within=PAUSE, rate=_RATE,
        strike=lambda _node: move(world, there), what=_("`relevo storage move external`"), slowly=True,
        witnesses=(fresh(),),
    )
    yield Event(
        _("and back, with an interruption in the pause"), lambda world: world.active, gap_within=PAUSE, rate=_RATE,
        strike=partial(_dropped, world, back),
        what=again.format(kind=back.storage.kind), slowly=True, witnesses=(fresh(),),
    )


def _dropped(world: World, place: Place, node: Node) -> None:
    """Give the command, end it as a power cut does when nothing writes any more, and give it again."""
    command = operators(place.file, "storage", "move", place.storage.kind)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as moving:
        try:
            eventually(
                lambda: _is_paused(node) or moving.poll() is not None, within=_PAUSED_SECONDS, what=_("the pause"),
            )
        finally:
            moving.send_signal(signal.SIGKILL)
        _out, said = moving.communicate()
    if moving.returncode != -signal.SIGKILL:
        raise CommandFailed(ended(command, moving.returncode, last_words(said)))
    move(world, place)


def _is_paused(node: Node) -> bool:
    """Tell whether both are stopped: one alone may be the agent's doing, which restarts what fails."""
    states = node.run("systemctl", "show", "--value", "--property=ActiveState", "postfix.service", "dovecot.service")
    return set(states.split()) == {"inactive"}


DRILL = Drill(
    "move", _("Another kind of storage"),
    _("The mail moves to another kind of storage and back, and nothing is lost, even when the mover drops out."), run,
    long=True,
)
