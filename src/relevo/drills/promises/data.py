"""Mail that was accepted before a failover is read after it, byte for byte, by both nodes in turn.

Given messages of many sizes, each answered with 250 and read once by the node that is active,
when that node dies and the other takes over, and later the other dies too,
then each reads the very same bytes.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from relevo.drills.drill import Drill
from relevo.drills.letters import Letter, attach, letter, sha256
from relevo.drills.nodes import Node
from relevo.drills.vocabulary import World, eventually
from relevo.i18n import _

_SIZES = (0, 1_000, 4_000, 16_000, 64_000, 200_000, 500_000, 1_000_000)  # bytes of the attachment
Digests = Mapping[str, str]  # token -> SHA-256 of the raw message


def run(world: World) -> None:
    """Write, then read by one node, by the other, and by the first again."""
    world.until_healthy()
    letters = [_letter(world, size) for size in _SIZES]
    if not _write(world, letters):
        return
    first = world.active
    written = _read_first(world, letters)
    for reader in (world.standby, first):
        _move_to(world, reader)
        _read_again(world, reader, written)
        world.restore()
        world.until_healthy()


def _letter(world: World, size: int) -> Letter:
    made = letter(world.accounts.b.address, world.accounts.a.address, f"data {size}", "Año nuevo, ñandú: 10 €\n.\n..\n")
    return attach(made, "data.bin", random.randbytes(size)) if size else made  # noqa: S311 - content, not a secret


def _write(world: World, letters: list[Letter]) -> bool:
    with world.checking(
        _("write"), tried=_("submit {count} messages of up to 1.4 MB").format(count=len(letters)),
        expected=_("each is answered with 250"),
    ) as check:
        sender, to = world.accounts.b, [world.accounts.a.address]
        answers = [world.mail.submit(made.raw, sender, to).answer for made in letters]
        refused = [str(answer) for answer in answers if not answer.accepted]
        accepted = len(answers) - len(refused)
        check.saw("; ".join(refused) or _("{count} accepted").format(count=accepted), good=not refused)
    return not refused


def _read_first(world: World, letters: list[Letter]) -> Digests:
    written: dict[str, str] = {}
    with world.checking(
        _("read before"), tried=_("read each by IMAP from {node}, compare its body with what was sent").format(
            node=world.active.name,
        ), expected=_("every body is as it was sent"),
    ) as check:
        box = world.mailbox(world.accounts.a)
        changed = []
        for made in letters:
            raw = box.read(made.token)
            written[made.token] = sha256(raw)
            if _body(raw) != _body(made.raw):
                changed.append(made.token)
        text = _("{count} messages, {changed} changed").format(count=len(written), changed=len(changed))
        check.saw(text, good=not changed)
    return written


def _move_to(world: World, reader: Node) -> None:
    """Let the other node die: by a power cut where that is possible, else by its keepalived."""
    other = world.active
    if world.platform.in_lab:
        other.crash()
    else:
        other.stop("keepalived")
    eventually(reader.holds_vip, within=30, what=_("the virtual IP on {name}").format(name=reader.name))


def _read_again(world: World, reader: Node, written: Digests) -> None:
    how = _("after a power cut of the other node") if world.platform.in_lab else _("after a failover")
    with world.checking(
        _("read by {node}").format(node=reader.name),
        tried=_("read the same messages from {node} {how}").format(node=reader.name, how=how),
        expected=_("the same SHA-256 for each"),
    ) as check:
        box = world.mailbox(world.accounts.a)
        eventually(lambda: bool(box.count()), within=30, what=_("an IMAP login"))
        same = box.unchanged(written)
        text = _("{same} of {count} are the same").format(same=same, count=len(written))
        check.saw(text, good=bool(written) and same == len(written))


def _body(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[2].rstrip(b"\r\n")


DRILL = Drill(
    "data", _("No accepted mail is lost"),
    _("Mail written before a failover is read after it, byte for byte, by both nodes in turn."), run,
)
