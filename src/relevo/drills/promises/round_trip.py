"""What a user does all day works: submit, receive, read by IMAP, POP3 and in the webmail; alias, list, full mailbox.

Given two users, an alias, a distribution list and a mailbox with a tiny quota,
when they write to each other by every way in, then each message is read by every way out, an over-quota mailbox refuses
at SMTP time and loses nothing, and the webmail logs in, reads and sends.
"""

from __future__ import annotations

import time

from relevo.drills import webmail
from relevo.drills.accounts import SMALL_QUOTA_MB, Account
from relevo.drills.drill import Drill
from relevo.drills.letters import Letter, letter
from relevo.drills.mail import SUBMISSION_PORT, SUBMISSIONS_PORT, Answer
from relevo.drills.mailbox import IMAP_PORT, IMAPS_PORT, POP3_PORT, POP3S_PORT
from relevo.drills.recorder import Observation
from relevo.drills.result import Figure
from relevo.drills.vocabulary import World
from relevo.drills.whereabouts import delivered
from relevo.i18n import _

_MESSAGE_BYTES = 300_000  # three fill a mailbox of 1 MB
_MESSAGES = 6


def run(world: World) -> None:
    """Write by each way in, read by each way out."""
    made = _submission(world, SUBMISSION_PORT)
    _submission(world, SUBMISSIONS_PORT)
    _from_outside(world)
    for port in (IMAPS_PORT, IMAP_PORT):
        _read_by_imap(world, made, port)
    for port in (POP3S_PORT, POP3_PORT):
        _read_by_pop3(world, made, port)
    _to_several(world, _("alias"), world.accounts.alias, [world.accounts.a])
    _to_several(world, _("distribution list"), world.accounts.list_, [world.accounts.a, world.accounts.b])
    _wrong_sender(world)
    _unknown_recipient(world)
    _over_quota(world)
    webmail.check(world)


def _new(world: World, subject: str, to: str = "") -> Letter:
    return letter(world.accounts.b.address, to or world.accounts.a.address, subject, "Año nuevo, ñandú: 10 €\n")


def _submission(world: World, port: int) -> Letter:
    made = _new(world, f"round trip {port}")
    with world.checking(
        _("submission on port {port}").format(port=port), tried=_("log in over TLS and send to another user"),
        expected=_("250, and it is in the inbox"),
    ) as check:
        answer = world.mail.submit(made.raw, world.accounts.b, [world.accounts.a.address], port=port).answer
        _saw_arrival(world, check, answer, made)
    return made


def _from_outside(world: World) -> None:
    made = letter(world.stranger, world.accounts.a.address, "from outside")
    with world.checking(
        _("mail from outside"), tried=_("send to port 25 as another server does"),
        expected=_("250, and it is in the inbox"),
    ) as check:
        answer = world.mail.send(made.raw, world.stranger, [world.accounts.a.address]).answer
        _saw_arrival(world, check, answer, made)


def _read_by_imap(world: World, made: Letter, port: int) -> None:
    with world.checking(
        _("read by IMAP on port {port}").format(port=port), tried=_("log in over TLS, search and fetch the message"),
        expected=_("its text as it was sent"),
    ) as check:
        raw = world.mailbox(world.accounts.a).read(made.token, port=port)
        check.saw(_("{size} bytes").format(size=len(raw)), good=_body(made.raw) == _body(raw))


def _read_by_pop3(world: World, made: Letter, port: int) -> None:
    with world.checking(
        _("read by POP3 on port {port}").format(port=port), tried=_("log in over TLS, find and fetch the message"),
        expected=_("its text as it was sent"),
    ) as check:
        raw = world.mailbox(world.accounts.a).read_by_pop3(made.token, port=port) or b""
        check.saw(_("{size} bytes").format(size=len(raw)), good=_body(made.raw) == _body(raw))


def _to_several(world: World, title: str, address: str, readers: list[Account]) -> None:
    with world.checking(
        title, tried=_("submit a message to {address}").format(address=address),
        expected=_("once in the inbox of {names}").format(names=", ".join(reader.address for reader in readers)),
    ) as check:
        made = _new(world, title, address)
        answer = world.mail.submit(made.raw, world.accounts.b, [address]).answer
        check.saw(str(answer), good=False)
        if answer.accepted:
            copies = [len(_wait_for(world, reader, made)) for reader in readers]
            check.saw(_("copies: {copies}").format(copies=copies), good=copies == [1] * len(readers))


def _wrong_sender(world: World) -> None:
    with world.checking(
        _("somebody else's sender"), tried=_("log in as one user, send as another"), expected="5xx",
    ) as check:
        made = letter(world.accounts.a.address, world.accounts.b.address, "wrong sender")
        sender, login = world.accounts.a.address, world.accounts.b
        answer = world.mail.send(made.raw, sender, [login.address], port=SUBMISSION_PORT, login=login).answer
        check.saw(str(answer), good=answer.refused)


def _unknown_recipient(world: World) -> None:
    address = f"drill-nobody@{world.cluster.domain}"
    with world.checking(
        _("unknown recipient"), tried=_("send from outside to {address}").format(address=address),
        expected=_("5xx when the recipient is named"),
    ) as check:
        answer = world.mail.send(letter(world.stranger, address, "nobody").raw, world.stranger, [address]).answer
        check.saw(str(answer), good=answer.refused and answer.step == "rcpt")


def _over_quota(world: World) -> None:
    tiny, other = world.accounts.tiny, world.accounts.a
    with world.checking(
        _("full mailbox"),
        tried=_("send {count} messages of 300 KB to a mailbox of {quota} MB and to another user").format(
            count=_MESSAGES, quota=SMALL_QUOTA_MB,
        ), expected=_("4xx or 5xx once it is full; every accepted message is there, the other user gets all"),
    ) as check:
        if world.mailbox(tiny).count():
            world.mailbox(tiny).empty()  # an earlier run filled it
        sent, accepted, refusals = _fill(world, tiny, other)
        theirs = sum(bool(_wait_for(world, other, made)) for made in sent)
        kept = world.mailbox(tiny).count()
        text = _("{accepted} accepted, {kept} there; {refused} refused: {said}; the other user has {theirs}").format(
            accepted=accepted, kept=kept, refused=len(refusals), said=refusals[0] if refusals else "-", theirs=theirs,
        )
        check.saw(text, good=bool(accepted) and bool(refusals) and kept == accepted and theirs == len(sent))


def _fill(world: World, tiny: Account, other: Account) -> tuple[list[Letter], int, list[Answer]]:
    """Return what was sent, how many of it the tiny mailbox took, and how it refused the rest."""
    line = "0123456789" * 7 + "\n"
    sent: list[Letter] = []
    accepted = 0
    refusals: list[Answer] = []
    for number in range(_MESSAGES):
        made = letter(world.stranger, tiny.address, f"quota {number}", line * (_MESSAGE_BYTES // len(line)))
        receipt = world.mail.send(made.raw, world.stranger, [tiny.address, other.address])
        if not receipt.answer.accepted:
            return [], accepted, [receipt.answer]
        sent.append(made)
        refusals += receipt.refused.values()
        if tiny.address not in receipt.refused:
            accepted += 1
            _wait_for(world, tiny, made)
    return sent, accepted, refusals


def _wait_for(world: World, reader: Account, made: Letter) -> list[bytes]:
    box = world.mailbox(reader)
    what = _("the message in the inbox of {address}").format(address=reader.address)
    return delivered(world, made.token, lambda: box.all(made.token), within=20, what=what)


def _saw_arrival(world: World, check: Observation, answer: Answer, made: Letter) -> None:
    """Note the server's answer, then whether the message is in the inbox of user a, and how long that took."""
    check.saw(str(answer), good=False)
    if answer.accepted:
        began = time.monotonic()
        copies = len(_wait_for(world, world.accounts.a, made))
        took = Figure(round(time.monotonic() - began, 2), "s")
        text = _("{answer}; {copies} in the inbox").format(answer=answer, copies=copies)
        check.saw(text, good=copies == 1, figure=took)


def _body(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[2].rstrip(b"\r\n")


DRILL = Drill(
    "round-trip", _("Round trip"),
    _("What users do all day works: submission, IMAP, POP3, alias, list, full mailbox, webmail."), run,
)
