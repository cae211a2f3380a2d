"""For how long fresh connections had no answer: in words, as a line of the table, and beside a stream of messages."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Self

from relevo.drills.events import Story, Witness
from relevo.drills.limits import Limit
from relevo.drills.outage import Outage
from relevo.drills.result import Figure
from relevo.drills.vocabulary import World
from relevo.drills.watch import Exchange
from relevo.i18n import _

Seen = Sequence[tuple[Exchange, Outage]]


class FreshConnections:
    """A witness that connects anew all the time, with SMTP, IMAP and the webmail."""

    def __init__(self, world: World, within: Limit | None = None) -> None:
        self._watch = world.watching(beside_stream=True)
        self._within = within
        self._until = float("inf")

    def __enter__(self) -> Self:
        self._watch.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._until = time.monotonic()
        self._watch.__exit__()

    def judge(self, world: World, story: Story) -> None:
        """Write the outage of each protocol into the table."""
        tried = _("{what}; new connections to {vip} all the time").format(
            what=story.event.what.format(node=story.victim.name), vip=world.cluster.vip,
        )
        for protocol, seen in by_protocol(self.seen(story.since - story.took)).items():
            name = _("{event}: fresh connections, {protocol}").format(event=story.event.title, protocol=protocol)
            judge_outage(world, name, tried, seen, self._within)

    def seen(self, since: float, until: float | None = None) -> Seen:
        """Return what each exchange saw from then on."""
        return self._watch.outages(since, min(until or time.monotonic(), self._until))


def fresh(within: Limit | None = None) -> Callable[[World], Witness]:
    """Return what makes such a witness, for an Event."""
    return lambda world: FreshConnections(world, within)


def by_protocol(found: Seen) -> dict[str, Seen]:
    """Return the same by protocol."""
    protocols = dict.fromkeys(exchange.protocol for exchange, _outage in found)
    return {protocol: [pair for pair in found if pair[0].protocol == protocol] for protocol in protocols}


def judge_outage(world: World, name: str, tried: str, found: Seen, limit: Limit | None) -> None:
    """Write the worst of these outages into the table; without a limit it must only have ended."""
    longest = max(outage.seconds for _exchange, outage in found)
    expected = _("an answer again") if limit is None else _("an answer again within {limit}").format(limit=limit)
    with world.checking(name, tried=tried, expected=expected) as check:
        over = all(outage.measured and outage.recovered for _exchange, outage in found)
        check.saw(
            "; ".join(in_words(exchange, outage) for exchange, outage in found),
            good=over and (limit is None or limit.allows(longest)),
            figure=Figure(round(longest, 3), "s", limit.median if limit else None),
        )


def in_words(exchange: Exchange, outage: Outage) -> str:
    """Return what one exchange saw as a phrase."""
    if not outage.measured:
        return _("{does}: never answered again ({trouble})").format(does=exchange.does, trouble=outage.trouble or "-")
    if not outage.recovered:
        return _("{does}: not steady again after {seconds:.2f} s ({trouble})").format(
            does=exchange.does, seconds=outage.seconds, trouble=outage.trouble,
        )
    if not outage.lost:
        return _("{does}: none of {probes} lost, longest wait {seconds:.2f} s").format(
            does=exchange.does, probes=outage.probes, seconds=outage.seconds,
        )
    return _("{does}: {seconds:.2f} s, {lost} of {probes} lost").format(
        does=exchange.does, seconds=outage.seconds, lost=outage.lost, probes=outage.probes,
    )
