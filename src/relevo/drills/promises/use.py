"""Who uses a mailbox, and how full it is, is told within the age that is stated, over a failover too.

Given the owner of a new mailbox,
when mail arrives and is read by IMAP, and after the active node has lost power (outside a lab: handed over) once more,
then the last login and the size are told both times, a few minutes later.
"""

from __future__ import annotations

import json
import secrets as random
from typing import Any

from relevo.drills import losing
from relevo.drills.accounts import Account
from relevo.drills.drill import Drill
from relevo.drills.letters import attach, letter
from relevo.drills.mending import whole_again
from relevo.drills.tidy import without_mailboxes
from relevo.drills.vocabulary import World, eventually
from relevo.i18n import _

_TOLD_SECONDS = 420.0  # the five minutes that are stated, what Dovecot is asked for then, and a machine with much to do
_READ_SECONDS = 60.0
_KIB = 1024
_SIZE = 64 * _KIB  # of what is attached


def run(world: World) -> None:
    """Use a mailbox, lose a node, and use it again."""
    world.until_healthy()
    owner = Account(f"drill-use@{world.cluster.domain}", random.token_urlsafe(18))
    with without_mailboxes(world, owner):
        world.relevo(["mailbox", "add", owner.address, "--password-stdin"], owner.password + "\n")
        first = _used(world, owner, _("a mailbox is used"), {"last_login_at": "", "quota_used_bytes": 0})
        victim = world.active
        with world.checking(
            _("a failover"), tried=losing.in_words(world, victim), expected=_("the other node serves"),
        ) as check:
            losing.lose(world, victim)
            _use(world, owner)
            check.saw(_("mail arrives and is read"), good=True)
        _used(world, owner, _("the mailbox is used after the failover"), first)
        whole_again(world, _("use of mailboxes"))


def _used(world: World, owner: Account, title: str, before: dict[str, Any]) -> dict[str, Any]:
    """Use it, and wait until that is told."""
    with world.checking(
        title, tried=_("mail from outside, read by IMAP"),
        expected=_("within {minutes:.0f} min a later login and a larger size are told").format(
            minutes=_TOLD_SECONDS / 60
        ),
    ) as check:
        _use(world, owner)
        told = eventually(
            lambda: _told(world, owner, before), within=_TOLD_SECONDS, what=_("the last login and the size"), every=5,
        )
        check.saw(
            _("last login {moment} by {protocol}; {size} KiB").format(
                moment=told["last_login_at"], protocol=told["last_login_protocol"],
                size=told["quota_used_bytes"] // _KIB,
            ),
            good=told["last_login_protocol"] == "imap",
        )
    return told


def _use(world: World, owner: Account) -> None:
    made = attach(letter(world.stranger, owner.address, "use"), "figures.txt", b"figures\n" * (_SIZE // 8))
    world.mail.send(made.raw, world.stranger, [owner.address])
    world.mailbox(owner).read(made.token, within=_READ_SECONDS)


def _told(world: World, owner: Account, before: dict[str, Any]) -> dict[str, Any] | None:
    """Return what is told of the mailbox once it is newer than before."""
    (told,) = json.loads(world.relevo(["mailbox", "show", owner.address, "--format", "json"]))
    used, login = told["quota_used_bytes"] or 0, told["last_login_at"] or ""
    newer = used >= before["quota_used_bytes"] + _SIZE and login > before["last_login_at"]
    return dict(told) if newer else None


DRILL = Drill(
    "use", _("Use of mailboxes"),
    _("The last login and the size of a mailbox are told within some minutes, over a failover too."), run, long=True,
)
