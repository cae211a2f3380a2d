# ruff: noqa: INP001 - a script, no package
"""Measure how long the survivor needs to deliver the queue of a mail node that lost its power, in the lab.

Method: `--mailboxes` new mailboxes. On the active node the queue manager stands still while `--messages` messages of
`--kilobytes` are brought in by SMTP where the filter gives clean mail back, from one program with `--connections`
connections: so they were accepted, lie in the queue on the shared storage and nowhere else. Then its power is cut. When
each of them was delivered is read in the survivor's journal; times are from the cut, by the clock that all machines of
the lab share. At the end the node is switched on again, all is whole, and every message is looked for in the mailboxes
by its number: what is missing, and what is there twice. No other load. Prints JSON; what it does goes to stderr.

With `--alive` no power is cut, and the node delivers its queue itself: to compare.

    python bench/adoption.py --messages 5000
    python bench/adoption.py --messages 400 --alive
"""

from __future__ import annotations

import argparse
import json
import re
import secrets as drawn
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from relevo.cluster.wires import POSTFIX_REINJECT_PORT
from relevo.drills.accounts import Account
from relevo.drills.mailbox import Mailbox
from relevo.drills.mending import revive
from relevo.drills.nodes import Node
from relevo.drills.outside import lab_world
from relevo.drills.stranded import delivery_held
from relevo.drills.vocabulary import World
from relevo.drills.waiting import TROUBLE

_FILL_SECONDS, _DELIVER_SECONDS = 900.0, 600.0
_LOOK_SECONDS, _TELL = 3.0, 500
_SENT = (
    'journalctl --no-pager --quiet --output=short-unix -t "$2" --since="$1" --grep=status=sent; :'
)  # ends with 1 when there is none yet
_FILL = """
import json, smtplib, sys
from concurrent.futures import ThreadPoolExecutor
told = json.load(sys.stdin)
filling = "x" * 70 + "\\r\\n"
def send(first):
    accepted = []
    with smtplib.SMTP("127.0.0.1", told["port"]) as server:
        for number in range(first, told["messages"], told["connections"]):
            to = told["to"][number % len(told["to"])]
            text = f"From: <{told['sender']}>\\r\\nTo: <{to}>\\r\\nSubject: number {number} of {told['token']}\\r\\n"
            text += f"Message-ID: <{number}.{told['token']}@bench>\\r\\n\\r\\n" + filling * (told["kilobytes"] * 14)
            try:
                server.sendmail(told["sender"], [to], text)
            except smtplib.SMTPException as error:
                print(error, file=sys.stderr)
            else:
                accepted.append(number)
    return accepted
with ThreadPoolExecutor(told["connections"]) as pool:
    json.dump(sorted(sum(pool.map(send, range(told["connections"])), [])), sys.stdout)
"""


def main() -> int:
    """Fill the queue, cut the power, count."""
    options = _options()
    with lab_world(options.file) as world:
        boxes = [Account(f"bench-{number}@{world.cluster.domain}", drawn.token_urlsafe(18))
                 for number in range(options.mailboxes)]
        _remove(world, boxes)
        for box in boxes:
            world.relevo(["mailbox", "add", box.address, "--password-stdin", "--quota", "0"], box.password + "\n")
        try:
            figures = measure(world, boxes, options)
        finally:
            world.restore()
            _remove(world, boxes)
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    return 0


def measure(world: World, boxes: Sequence[Account], options: argparse.Namespace) -> dict[str, object]:
    """Return the figures of one power cut."""
    world.until_healthy()
    world.forgive()
    victim, token = world.active, drawn.token_hex(6)
    told = {
        "port": POSTFIX_REINJECT_PORT, "messages": options.messages, "connections": options.connections,
        "kilobytes": options.kilobytes, "to": [box.address for box in boxes], "sender": world.stranger, "token": token,
    }
    _say(f"filling the queue of {victim.name}")
    began = time.monotonic()
    survivor = world.standby
    with delivery_held(victim):
        said = victim.run("python3", "-c", _FILL, stdin=json.dumps(told), within=_FILL_SECONDS)
        filled, accepted = time.monotonic() - began, json.loads(said)
        early = len(_found(world, boxes, token))
        _say(f"{len(accepted)} accepted, {early} delivered already: {'on it goes' if options.alive else 'power cut'}")
        cut = time.time()
        if not options.alive:
            victim.crash()
    by, tag = (victim, "postfix/lmtp") if options.alive else (survivor, "postfix-adopted/lmtp")
    delivered = _watch(by, tag, cut, len(accepted) - early)
    _say(f"{len(delivered)} delivered: making it whole")
    revive(world)
    found = _found(world, boxes, token)
    return {
        "accepted": len(accepted), "filled_s": round(filled, 1), "delivered_before": early,
        "delivered": len(delivered), "first_s": round(min(delivered), 2), "last_s": round(max(delivered), 2),
        "a_second": round(len(delivered) / (max(delivered) - min(delivered)), 1),
        "lost": len(set(accepted) - found.keys()), "twice": sum(count > 1 for count in found.values()),
    }


def _watch(node: Node, tag: str, cut: float, count: int) -> list[float]:
    """Wait until so many are delivered; return when each was, in seconds since the cut."""
    end, told = cut + _DELIVER_SECONDS, 0
    while True:
        delivered = [at - cut for at in _deliveries(node, tag, cut)]
        if len(delivered) - told >= _TELL:
            told = len(delivered)
            _say(f"{delivered[-1]:.0f} s: {told}")
        if len(delivered) >= count or time.time() > end:
            return delivered
        time.sleep(_LOOK_SECONDS)


def _deliveries(node: Node, tag: str, since: float) -> list[float]:
    """Return when a node delivered messages, by what is said of it under that tag, in seconds since 1970."""
    said = node.run("sh", "-c", _SENT, "sh", f"@{since:.0f}", tag, within=30)
    return [float(line.split(maxsplit=1)[0]) for line in said.splitlines()]


def _found(world: World, boxes: Sequence[Account], token: str) -> Counter[int]:
    """Count the messages by their numbers."""
    with ThreadPoolExecutor(2) as pool:
        subjects = [one for listed in pool.map(_subjects, map(world.mailbox, boxes)) for one in listed]
    return Counter(int(number) for number in re.findall(rf"number (\d+) of {token}", "\n".join(subjects)))


def _subjects(box: Mailbox) -> list[str]:
    with box.imap() as client:
        if not int(client.select("INBOX", readonly=True)[1][0] or 0):
            return []
        _, parts = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
    return [part[1].decode() for part in parts if isinstance(part, tuple)]


def _remove(world: World, boxes: Sequence[Account]) -> None:
    for box in boxes:
        for words in (["remove"], ["purge", "--yes"]):
            try:
                world.relevo(["mailbox", *words, box.address])
            except TROUBLE:  # it is not there
                continue


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("--file", type=Path, default=Path(".lab/relevo.toml"), help="the lab's cluster file")
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--kilobytes", type=int, default=4)
    parser.add_argument("--mailboxes", type=int, default=20)
    parser.add_argument("--alive", action="store_true", help="cut no power: how fast it is by itself, to compare")
    parser.add_argument("--connections", type=int, default=50)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
