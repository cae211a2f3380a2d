# ruff: noqa: INP001 - a script, no package
"""Measure how many messages a second the platform takes and delivers with full filtering, from outside, in the lab.

Method: `--sessions` other servers (each with an address of its own, since the platform limits what one may send a
minute) open a session to port 25 of the virtual IP, and wait until all have their greeting. Then the clock starts, and
they share `--messages` messages: 70 % plain text of 2 KB, 20 % text and HTML of 9 KB, 10 % with an attachment of 60 KB.
Each goes through Postfix, Amavis, SpamAssassin and ClamAV before it gets its 250, and on to Dovecot by LMTP. The clock
stops when the last of them can be seen by IMAP. Half go to one mailbox, half to another. Prints JSON.

    python bench/throughput.py --file .lab/relevo.toml --messages 400 --sessions 8
"""

from __future__ import annotations

import argparse
import json
import random
import re
import smtplib
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from ipaddress import IPv4Address
from pathlib import Path

from relevo.deploy.shell import run
from relevo.drills.letters import Letter, attach, letter
from relevo.drills.mail import transaction
from relevo.drills.outside import lab_world
from relevo.drills.vocabulary import World
from relevo.drills.waiting import eventually

_FIRST_HOST = 120  # the sending servers' addresses: 192.168.100.120 and following, free in a lab
_WORDS = ("reunión", "pedido", "factura", "entrega", "chocolate", "almacén", "cliente", "precio", "gracias", "adjunto")


def main() -> int:
    """Measure once and print the result; 1 when it is below `--at-least`."""
    options = _options()
    with lab_world(options.file) as world:
        try:
            world.accounts.make(world.relevo)
            result = measure(world, options.messages, options.sessions)
        finally:
            world.accounts.remove(world.relevo)
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return int(result["delivered_per_second"] < options.at_least)


def measure(world: World, messages: int, sessions: int) -> dict[str, float]:
    """Send the messages in that many sessions side by side; return the figures."""
    to = [world.accounts.a, world.accounts.b]
    letters = [_letter(world.stranger, to[number % 2].address, number) for number in range(messages)]
    limit = world.cluster.mail.client_messages_per_minute
    if limit and messages / sessions > limit:
        sys.exit(f"an address may send {limit} messages a minute: use at least {messages // limit + 1} sessions")
    with _addresses(world, sessions) as sources, ExitStack() as stack, ThreadPoolExecutor(sessions) as pool:
        clients = list(pool.map(lambda source: _connect(world, source), sources))
        for client in clients:
            stack.callback(client.close)
        began = time.monotonic()
        shares = [(client, letters[number::sessions]) for number, client in enumerate(clients)]
        waits = [wait for waits in pool.map(lambda share: _send(*share), shares) for wait in waits]
        accepted = time.monotonic() - began
        boxes = [world.mailbox(account) for account in to]
        eventually(
            lambda: sum(box.count() + box.count("Junk") for box in boxes) >= messages, within=300, every=0.1,
            what="all messages in the mailboxes",
        )
        delivered = time.monotonic() - began
    size = sum(len(made.raw) for made in letters) / messages
    waits.sort()
    return {
        "messages": messages, "sessions": sessions, "mean_bytes": round(size),
        "accepted_per_second": round(messages / accepted, 1), "delivered_per_second": round(messages / delivered, 1),
        "wait_median_s": round(waits[len(waits) // 2], 3), "wait_worst_s": round(waits[-1], 3),
    }


def _letter(sender: str, to: str, number: int) -> Letter:
    text = _text(2_000)
    made = letter(sender, to, f"bench {number}", text)
    if number % 10 in {3, 6}:
        made.message.add_alternative(f"<html><body><p>{_text(6_000)}</p></body></html>", subtype="html")
    elif number % 10 == 9:  # noqa: PLR2004 - every tenth
        attach(made, f"file-{number}.bin", random.randbytes(45_000))  # noqa: S311 - content, not a secret
    return made


def _text(size: int) -> str:
    words = (random.choice(_WORDS) for _ in range(size // 7))  # noqa: S311 - content, not a secret
    return re.sub(r"(.{60,72}) ", r"\1\n", " ".join(words)) + "\n"


@contextmanager
def _addresses(world: World, count: int) -> Iterator[Sequence[str]]:
    """Give this machine (the lab's client, whose network we are in) so many addresses more for a while."""
    subnet = world.cluster.network.subnet
    route = run(["ip", "-oneline", "route", "get", world.cluster.vip])
    interface = route.split(" dev ", 1)[1].split()[0]
    addresses = [str(IPv4Address(int(subnet.network_address) + _FIRST_HOST + number)) for number in range(count)]
    with ExitStack() as stack:
        for address in addresses:
            run(["ip", "address", "replace", f"{address}/{subnet.prefixlen}", "dev", interface])
            stack.callback(run, ["ip", "address", "delete", f"{address}/{subnet.prefixlen}", "dev", interface])
        yield addresses


def _connect(world: World, source: str) -> smtplib.SMTP:
    client = smtplib.SMTP(local_hostname=world.mail.name, timeout=150, source_address=(source, 0))
    client.connect(world.cluster.vip, 25)
    client.ehlo()
    return client


def _send(client: smtplib.SMTP, letters: Sequence[Letter]) -> list[float]:
    """Send the share of one session; return the seconds from MAIL FROM to the 250 of each message."""
    waits = []
    for made in letters:
        began = time.monotonic()
        receipt = transaction(client, made.raw, str(made.message["From"]), [str(made.message["To"])])
        if not receipt.answer.accepted:
            sys.exit(f"a message was not accepted: {receipt.answer}")
        waits.append(time.monotonic() - began)
    return waits


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("--file", type=Path, default=Path(".lab/relevo.toml"), help="the lab's cluster file")
    parser.add_argument("--messages", type=int, default=400)
    parser.add_argument("--sessions", type=int, default=8)
    parser.add_argument("--at-least", type=float, default=0.0, help="exit 1 below so many delivered messages a second")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
