"""Several people share a mailbox: each from one of their own, with no more rights than given, over a failover too.

Given a shared mailbox with somebody who may only read it and somebody who may write in it and send as it,
when mail comes for it, both open it, one answers, strangers try the same, and the active node loses power (outside a
lab: hands over),
then everybody may what was said before and after, and who is taken off the list does not find it any more.
"""

from __future__ import annotations

import imaplib
import secrets as random
from contextlib import suppress

from relevo.cluster.wires import SHARED_PREFIX
from relevo.drills import losing
from relevo.drills.accounts import Account
from relevo.drills.drill import Drill
from relevo.drills.letters import letter
from relevo.drills.mail import SUBMISSION_PORT, Receipt
from relevo.drills.mailbox import logs_in
from relevo.drills.mending import whole_again
from relevo.drills.tidy import removed, without_mailboxes
from relevo.drills.vocabulary import World, eventually
from relevo.drills.waiting import TROUBLE
from relevo.i18n import _

_SEEN_SECONDS, _READ_SECONDS, _AFTER_SECONDS = 20.0, 30.0, 90.0


class Team:
    """The shared mailbox, who may what with it, and somebody who may nothing."""

    def __init__(self, domain: str) -> None:
        """Choose names and passwords."""
        names = ("reader", "writer", "outsider")
        made = {name: Account(f"drill-{name}@{domain}", random.token_urlsafe(18)) for name in names}
        self.reader, self.writer, self.outsider = made["reader"], made["writer"], made["outsider"]
        self.address = f"drill-team@{domain}"
        self.folder = f'"{SHARED_PREFIX}/{self.address}"'
        self.steps = (["shared", "remove", self.address], ["mailbox", "purge", "--yes", self.address])

    @property
    def everybody(self) -> tuple[Account, ...]:
        """The mailboxes that people log in to."""
        return self.reader, self.writer, self.outsider


def run(world: World) -> None:
    """Share a mailbox."""
    world.until_healthy()
    team = Team(world.cluster.domain)
    with without_mailboxes(world, *team.everybody), removed(world, team.steps):
        for account in team.everybody:
            world.relevo(["mailbox", "add", account.address, "--password-stdin"], account.password + "\n")
        world.relevo([
            "shared", "add", team.address, "--reader", team.reader.address, "--writer", team.writer.address,
            "--sender", team.writer.address,
        ])
        _is_seen(world, team)
        token = _receives(world, team)
        _has_limits(world, team)
        _over_a_failover(world, team, token)
        _has_limits(world, team)
        _is_withdrawn(world, team)
        whole_again(world, _("shared mailbox"))


def _is_seen(world: World, team: Team) -> None:
    with world.checking(
        _("members find the shared mailbox"), tried=_("list folders by IMAP, as both members and as an outsider"),
        expected=_("the members have it, the outsider has not"),
    ) as check:
        members = (team.reader, team.writer)
        eventually(lambda: all(_lists(world, one, team) for one in members), within=_SEEN_SECONDS, what=_("the folder"))
        check.saw(_("it is there for its members"), good=not _lists(world, team.outsider, team))


def _receives(world: World, team: Team) -> str:
    with world.checking(
        _("mail to the shared address"), tried=_("send it from outside; read it as each member"),
        expected=_("both read it"),
    ) as check:
        made = letter(world.stranger, team.address, "shared")
        sent = world.mail.send(made.raw, world.stranger, [team.address]).answer
        sizes = [
            len(world.mailbox(one).read(made.token, folder=team.folder, within=_READ_SECONDS))
            for one in (team.writer, team.reader)
        ]
        check.saw(_("{answer}; read: {size} bytes").format(answer=sent, size=sizes[0]), good=sent.accepted)
    return made.token


def _has_limits(world: World, team: Team) -> None:
    with world.checking(
        _("everybody may what was said, and no more"),
        tried=_("put mail into it and send as it, as each; log in to it"),
        expected=_("one member may write and send, the other only reads, an outsider nothing; nobody logs in to it"),
    ) as check:
        writes = [one.address for one in team.everybody if _writes(world, one, team)]
        sends = [one.address for one in team.everybody if _sends(world, one, team).answer.accepted]
        inside = logs_in(world.mailbox(Account(team.address, team.writer.password)))
        stranger_reads = _opens(world, team.outsider, team)
        only = [team.writer.address]
        check.saw(
            _("written by: {writes}; sent by: {sends}").format(writes=", ".join(writes), sends=", ".join(sends)),
            good=writes == only and sends == only and not inside and not stranger_reads,
        )


def _over_a_failover(world: World, team: Team, token: str) -> None:
    victim = world.active
    with world.checking(
        _("the shared mailbox over a failover"), tried=losing.in_words(world, victim),
        expected=_("both members read the same mail as before"),
    ) as check:
        losing.lose(world, victim)

        def both_read() -> bool:
            with suppress(*TROUBLE):
                return all(
                    len(world.mailbox(one).all(token, folder=team.folder)) == 1 for one in (team.reader, team.writer)
                )
            return False

        eventually(both_read, within=_AFTER_SECONDS, what=_("the mail in the shared mailbox"), every=0.5)
        check.saw(_("it is there"), good=True)


def _is_withdrawn(world: World, team: Team) -> None:
    with world.checking(
        _("a member is taken off"), tried=_("take the one who reads off while logged in"),
        expected=_("that session ends, and the mailbox is gone from there"),
    ) as check:
        with suppress(imaplib.IMAP4.abort), world.mailbox(team.reader).imap() as session:  # it is not there to log out
            session.select(team.folder, readonly=True)
            world.relevo(["shared", "withdraw", team.address, team.reader.address])
            eventually(lambda: not _answers(session), within=_SEEN_SECONDS, what=_("the end of the session"), every=0.5)
        gone = not _lists(world, team.reader, team) and not _opens(world, team.reader, team)
        check.saw(_("it is gone"), good=gone and _lists(world, team.writer, team))


def _lists(world: World, account: Account, team: Team) -> bool:
    with world.mailbox(account).imap() as client:
        found = client.list('""', '"*"')[1]
    return any(isinstance(line, bytes) and team.address.encode() in line for line in found)


def _opens(world: World, account: Account, team: Team) -> bool:
    with world.mailbox(account).imap() as client:
        return client.select(team.folder, readonly=True)[0] == "OK"


def _writes(world: World, account: Account, team: Team) -> bool:
    made = letter(account.address, team.address, "put there")
    with world.mailbox(account).imap() as client:
        return client.append(team.folder, "", "", made.raw)[0] == "OK"


def _sends(world: World, account: Account, team: Team) -> Receipt:
    made = letter(team.address, team.writer.address, "answer")
    return world.mail.send(made.raw, team.address, [team.writer.address], port=SUBMISSION_PORT, login=account)


def _answers(session: imaplib.IMAP4) -> bool:
    try:
        return session.noop()[0] == "OK"
    except TROUBLE:
        return False


DRILL = Drill(
    "shared", _("Shared mailbox"),
    _("Several people share a mailbox, each with the rights that were given, over a failover too."), run,
)
