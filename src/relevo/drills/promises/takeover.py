"""The virtual IP moves within 5 s when a service is stopped, and all mail is readable after it.

Given mail that was accepted, and nothing that keeps the machines busy,
when Postfix, the web server or keepalived is stopped on the active node, one after the other,
then the other node has the virtual IP within 5 s, and the mail is read there byte for byte.

The clients' own waits, many times a second, are measured by the drill `failover`; this one also suits machines that are
too slow for it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass

from relevo.drills.announcements import Announcements
from relevo.drills.drill import Drill
from relevo.drills.letters import Letter, attach, letter, sha256
from relevo.drills.mending import whole_again
from relevo.drills.nodes import Node
from relevo.drills.result import Figure
from relevo.drills.vocabulary import World, eventually
from relevo.i18n import _

LIMIT_SECONDS = 5.0
_SIZES = (1_000, 200_000)  # bytes of the attachment
_ANNOUNCED_SECONDS = 10.0  # who has the address says so every second
_WATCH_SECONDS = 60.0


@dataclass(frozen=True)
class Stop:
    """A service that is stopped."""

    title: str
    unit: str


STOPS = (
    Stop(_("Postfix stopped"), "postfix"),
    Stop(_("nginx stopped"), "nginx"),
    Stop(_("keepalived stopped"), "keepalived"),
)


def run(world: World) -> None:
    """Stop one after the other, each on a whole platform, on the node that is active then."""
    world.until_healthy()
    written = _write(world)
    if not written:
        return
    with Announcements(world.cluster.vip) as wire:
        for stop in STOPS:
            _stop(world, stop, wire)
            _read(world, stop, written)
            whole_again(world, stop.title)


def _write(world: World) -> Mapping[str, str]:
    """Have some mail accepted and read; return the SHA-256 of each message by its token, none when that fails."""
    with world.checking(
        _("write"), tried=_("submit {count} messages, read each by IMAP").format(count=len(_SIZES)),
        expected=_("each is answered with 250, and there"),
    ) as check:
        sender, to = world.accounts.b, world.accounts.a.address
        made = [_letter(sender.address, to, size) for size in _SIZES]
        answers = [world.mail.submit(each.raw, sender, [to]).answer for each in made]
        if refused := [str(answer) for answer in answers if not answer.accepted]:
            check.saw("; ".join(refused), good=False)
            return {}
        box = world.mailbox(world.accounts.a)
        written = {each.token: sha256(box.read(each.token, within=20)) for each in made}
        check.saw(_("{count} accepted").format(count=len(written)), good=True)
        return written
    return {}


def _letter(sender: str, to: str, size: int) -> Letter:
    made = letter(sender, to, f"takeover {size}", "Año nuevo, ñandú: 10 €\n")
    return attach(made, "data.bin", random.randbytes(size))  # noqa: S311 - content, not a secret


def _stop(world: World, stop: Stop, wire: Announcements) -> None:
    world.forgive()
    victim = world.active
    seen = len(wire.heard)
    eventually(
        lambda: len(wire.heard) > seen, within=_ANNOUNCED_SECONDS, every=0.1,
        what=_("{name} to announce {vip} on this network").format(name=victim.name, vip=world.cluster.vip),
    )
    with world.checking(
        _("{fault}: the virtual IP moves").format(fault=stop.title),
        tried=_("stop {unit} on {node}, listen who announces {vip}").format(
            unit=stop.unit, node=victim.name, vip=world.cluster.vip,
        ),
        expected=_("within {limit:g} s").format(limit=LIMIT_SECONDS),
    ) as check:
        ordered = time.time()
        victim.stop(stop.unit)
        at = eventually(lambda: wire.moved(ordered), within=_WATCH_SECONDS, every=0.1, what=_("the virtual IP to move"))
        began = _stopping(victim, stop.unit)
        took = round(at - began, 2)
        check.saw(
            _("{seconds:g} s after systemd began to stop it, {whole:.1f} s after the command was given").format(
                seconds=took, whole=at - ordered,
            ), good=took <= LIMIT_SECONDS, figure=Figure(took, "s", LIMIT_SECONDS),
        )


def _stopping(node: Node, unit: str) -> float:
    """Return when systemd began to stop a unit, in seconds since 1970 by the node's clock, which chrony keeps."""
    journal = ("journalctl", "--unit", unit, "--grep", "^Stopping", "--lines", "1", "--output", "short-unix", "--quiet")
    line = node.run(*journal, "--no-pager", "--identifier", "systemd")
    return float(line.split()[0])


def _read(world: World, stop: Stop, written: Mapping[str, str]) -> None:
    with world.checking(
        _("{fault}: the mail is there").format(fault=stop.title),
        tried=_("read the same messages from {node}").format(node=world.active.name),
        expected=_("the same SHA-256 for each"),
    ) as check:
        same = world.mailbox(world.accounts.a).unchanged(written, within=30)
        text = _("{same} of {count} are the same").format(same=same, count=len(written))
        check.saw(text, good=same == len(written))


DRILL = Drill(
    "takeover", _("Takeover"),
    _("The virtual IP moves within 5 s when a service is stopped, and all mail is readable after it."), run, long=True,
)
