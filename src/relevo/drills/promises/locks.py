"""A mailbox whose lock a dead node held is used again within seconds, not when the storage has given that node up.

Given a process of the active node that holds the locks of a mailbox's indexes, so that nothing is delivered there,
when that node loses power and never lets go of them,
then the other node delivers to that mailbox, and its owner reads it, within 5 s.
"""

from __future__ import annotations

import time

from relevo.cluster.wires import MAILBOX_ROOT
from relevo.drills.drill import Drill
from relevo.drills.letters import letter
from relevo.drills.limits import aim
from relevo.drills.mending import whole_again
from relevo.drills.nodes import Node
from relevo.drills.result import Figure
from relevo.drills.vocabulary import World, eventually
from relevo.errors import DrillError
from relevo.i18n import _

USABLE = aim(5.0)  # from the power cut
_PATIENCE = 150.0  # beyond every lease that there is
_HELD_SECONDS = 20.0
_UNIT = "relevo-drill-lock.service"
_READY = "/run/relevo-drill-lock"
# Arguments: a folder, and the file that says that all are held. It ends with the machine's power.
_HOLD = """
import fcntl, pathlib, sys, time
held = [path.open("r+b") for path in pathlib.Path(sys.argv[1]).rglob("dovecot*.index.log")]
for file in held:
    fcntl.lockf(file, fcntl.LOCK_EX)
pathlib.Path(sys.argv[2]).write_text(str(len(held)))
time.sleep(600)
"""
# It says for how many of them somebody else holds the lock.
_BLOCKED = """
import fcntl, pathlib, sys
blocked = 0
for path in pathlib.Path(sys.argv[1]).rglob("dovecot*.index.log"):
    with path.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            blocked += 1
print(blocked)
"""


def run(world: World) -> None:
    """Hold the locks of a mailbox, cut the power, and see when the mailbox is used again."""
    world.demand_lab()
    world.until_healthy()
    victim, account = world.active, world.accounts.a
    local_part, _at, domain = account.address.partition("@")
    folder = f"{MAILBOX_ROOT}/{domain}/{local_part}"
    _deliver(world)  # the indexes are there from now on
    held = _hold(victim, folder)
    with world.checking(
        _("mailbox with held locks"),
        tried=_("{node} holds {count} locks of {address} and loses power; a message is sent, then read").format(
            node=victim.name, count=held, address=account.address,
        ),
        expected=_("it is delivered and read within {limit} of the power cut").format(limit=USABLE),
    ) as check:
        since = time.monotonic()
        victim.crash()
        _deliver(world)
        took = time.monotonic() - since
        check.saw(
            _("read after {seconds:.1f} s").format(seconds=took), good=USABLE.allows(took),
            figure=Figure(round(took, 2), "s", USABLE.median),
        )
    whole_again(world, _("power cut with held locks"))


def _hold(node: Node, folder: str) -> int:
    """Have a process of a node hold the locks of a mailbox's indexes; return how many, after a look from outside it."""
    node.run("rm", "-f", _READY)
    node.run("systemd-run", "--quiet", "--collect", f"--unit={_UNIT}", "python3", "-c", _HOLD, folder, _READY)
    asks = f"test ! -e {_READY} || echo yes"
    eventually(lambda: node.run("sh", "-c", asks), within=_HELD_SECONDS, what=_("held locks"))
    blocked = int(node.run("python3", "-c", _BLOCKED, folder))
    if not blocked:
        raise DrillError(_("no lock is held below {folder}").format(folder=folder))
    return blocked


def _deliver(world: World) -> None:
    """Send a message to the mailbox and read it, as soon as that can be done."""
    made = letter(world.accounts.b.address, world.accounts.a.address, "locks")

    def accepted() -> bool:
        return world.mail.submit(made.raw, world.accounts.b, [world.accounts.a.address]).answer.accepted

    eventually(accepted, within=_PATIENCE, every=0.1, what=_("a 250"))
    world.mailbox(world.accounts.a).read(made.token, within=_PATIENCE)


DRILL = Drill(
    "locks", _("Locks of a dead node"),
    _("A mailbox whose locks a node held when it lost power is used again within 5 s."), run,
)
