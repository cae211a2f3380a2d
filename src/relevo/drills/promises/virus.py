"""A virus is refused in the SMTP dialogue and logged, spam is held in Junk, a clean attachment arrives unchanged.

Given a message with the EICAR test file (plain, zipped, nested), with the GTUBE line, or with clean attachments,
when it is sent from outside, or by one of our users,
then the first is refused with 5xx at the end of data, the second is in Junk, the third arrives whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy

from relevo.drills.drill import Drill
from relevo.drills.letters import Letter, attach, eicar, enclose, gtube, letter, zipped
from relevo.drills.mail import Receipt
from relevo.drills.vocabulary import World, eventually
from relevo.errors import DrillError
from relevo.i18n import _

_CLEAN = (
    ("datos.bin", "application/octet-stream", 200_000),
    ("informe año 2026 ñandú.pdf", "application/pdf", 30_000),
)
Attachments = Sequence[tuple[str, bytes]]


def run(world: World) -> None:
    """Send what must be refused, what must be held and what must arrive."""
    for title, made in _infected(world):
        _refused(world, title, made)
    _refused_from_user(world)
    _held(world)
    _unchanged(world)


def _infected(world: World) -> Iterator[tuple[str, Letter]]:
    def new(subject: str) -> Letter:
        return letter(world.stranger, world.accounts.a.address, subject)

    virus = eicar()
    yield _("EICAR, plain"), attach(new("plain"), "eicar.txt", virus)
    yield _("EICAR, zipped"), attach(new("zipped"), "invoice.zip", zipped("invoice.txt", virus), "application/zip")
    nested = zipped("outer.zip", zipped("inner.txt", virus))
    yield _("EICAR, zip in zip"), attach(new("nested"), "documents.zip", nested, "application/zip")
    inside = attach(new("inner message"), "photo.zip", zipped("photo.jpg", virus), "application/zip")
    yield _("EICAR, in an attached message"), enclose(new("forwarded"), inside.message)


def _refused(world: World, title: str, made: Letter) -> None:
    node = world.active
    since = node.clock()
    with world.checking(
        title, tried=_("send it from outside to port 25"),
        expected=_("5xx at the end of data, and a line INFECTED in the journal of {node}").format(node=node.name),
    ) as check:
        receipt = world.mail.send(made.raw, world.stranger, [world.accounts.a.address])
        lines = _infected_lines(world, since, made)
        arrived = world.mailbox(world.accounts.a).all(made.token)
        said = str(receipt.answer) + (_("; logged: {line}").format(line=lines[0]) if lines else _("; not logged"))
        check.saw(said, good=_refused_by_filter(receipt) and bool(lines) and not arrived)


def _refused_by_filter(receipt: Receipt) -> bool:
    return receipt.answer.refused and receipt.answer.step == "end"


def _infected_lines(world: World, since: str, made: Letter) -> list[str]:
    node = world.active

    def lines() -> list[str]:
        return node.journal(since, ["INFECTED", made.token])

    try:
        return eventually(lines, within=5, what=_("the line in the journal"))
    except DrillError:  # its absence is the observation
        return []


def _refused_from_user(world: World) -> None:
    sender, to = world.accounts.b, [world.accounts.a.address]
    with world.checking(
        _("EICAR, from our own user"), tried=_("submit it on port 587 after a login"),
        expected=_("5xx at the end of data"),
    ) as check:
        made = attach(letter(sender.address, to[0], "own"), "eicar.txt", eicar())
        receipt = world.mail.submit(made.raw, sender, to)
        check.saw(str(receipt.answer), good=_refused_by_filter(receipt))


def _held(world: World) -> None:
    with world.checking(
        _("spam (GTUBE)"), tried=_("send it from outside to port 25"), expected=_("it is in Junk, not in the inbox"),
    ) as check:
        made = letter(world.stranger, world.accounts.a.address, "offer", f"Buy now!\n\n{gtube()}\n")
        answer = world.mail.send(made.raw, world.stranger, [world.accounts.a.address]).answer
        check.saw(str(answer), good=False)
        if answer.accepted:
            box = world.mailbox(world.accounts.a)
            raw = box.read(made.token, folder="Junk")
            flag = message_from_bytes(raw)["X-Spam-Flag"]
            inbox = len(box.all(made.token))
            text = _("in Junk, X-Spam-Flag: {flag}, {inbox} in the inbox").format(flag=flag, inbox=inbox)
            check.saw(text, good=not inbox)


def _unchanged(world: World) -> None:
    files = [(name, _content(kind, size)) for name, kind, size in _CLEAN]
    with world.checking(
        _("clean attachments"), tried=_("200 KB of random bytes and a PDF with a name in UTF-8, from outside"),
        expected=_("in the inbox, names and bytes unchanged"),
    ) as check:
        made = letter(world.stranger, world.accounts.a.address, "attachments: año")
        for (name, data), (_name, kind, _size) in zip(files, _CLEAN, strict=True):
            attach(made, name, data, kind)
        answer = world.mail.send(made.raw, world.stranger, [world.accounts.a.address]).answer
        check.saw(str(answer), good=False)
        if answer.accepted:
            got = _attachments(world.mailbox(world.accounts.a).read(made.token))
            check.saw(_listed(got), good=got == files)


def _content(kind: str, size: int) -> bytes:
    data = os.urandom(size)
    return b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + data + b"\n%%EOF\n" if kind.endswith("pdf") else data


def _attachments(raw: bytes) -> list[tuple[str, bytes]]:
    message = message_from_bytes(raw, policy=policy.default)
    return [(part.get_filename() or "", part.get_payload(decode=True)) for part in message.iter_attachments()]  # type: ignore[misc]


def _listed(files: Attachments) -> str:
    return ", ".join(f"{name} ({len(data)} B)" for name, data in files) or _("no attachment")


DRILL = Drill(
    "virus", _("Virus and spam"),
    _("A virus is refused while it is sent, spam is held in Junk, a clean attachment arrives unchanged."), run,
)
