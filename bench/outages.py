# ruff: noqa: INP001 - a script, no package
"""Measure for how long new connections have no answer when something happens to the platform, in the lab.

Method: from outside, each exchange of `relevo.drills.probes` begins anew on its own grid (20 ms for a greeting of SMTP,
IMAP and POP3 and for a file of the webmail; 0.1 to 0.5 s where a login or a page costs the server more), and
the event comes meanwhile, each time to a whole platform. The time is from the end of the last good exchange before a
gap to the end of the first good one after it, at the longest: the grid is in it. `lost` counts exchanges that had no
good answer; a connection that is not made within 0.5 s is one. No other load. `killed` and `hung` happen to each vital
service of the active node in turn. Prints JSON; what it is doing goes to stderr.

    python bench/outages.py switchover --times 10
    python bench/outages.py power-active power-standby power-storage --times 10
    python bench/outages.py killed hung --times 2
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from relevo.drills.nodes import Node
from relevo.drills.outage import Outage
from relevo.drills.outside import lab_world
from relevo.drills.promises.services import units
from relevo.drills.vocabulary import World
from relevo.drills.watch import Exchange
from relevo.errors import DrillError

_SWITCH_SECONDS, _CALM_WITHIN_SECONDS = 60.0, 30.0
_SERVICES = {"killed": Node.kill, "hung": Node.hang}
_MACHINES = {
    "switchover": lambda world: world.platform.relevo("switchover", within=_SWITCH_SECONDS),
    "power-active": lambda world: world.active.crash(),
    "power-standby": lambda world: world.standby.crash(),
    "power-storage": lambda world: world.storage_node.crash(),
}


@dataclass(frozen=True)
class Event:
    """What happens: its name, whose service it happens to ("" where it happens to a machine), and how it is done."""

    name: str
    unit: str
    strike: Callable[[World], object]


@dataclass(frozen=True)
class Round:
    """What one exchange saw of one event."""

    event: Event
    exchange: Exchange
    outage: Outage


def main() -> int:
    """Have it happen so many times and print the figures."""
    options = _options()
    with lab_world(options.file) as world:
        try:
            world.accounts.make(world.relevo)
            found = [seen for event in events(world, options.events, options.times) for seen in measure(world, event)]
        finally:
            world.accounts.remove(world.relevo)
    sys.stdout.write(json.dumps(summary(found), indent=2) + "\n")
    return 0


def events(world: World, names: Sequence[str], times: int) -> Iterator[Event]:
    """Return what is to happen, so many times; one service after the other where services are meant."""
    vital = units(world) if _SERVICES.keys() & set(names) else []
    for name in [*names] * times:
        if strike := _MACHINES.get(name):
            yield Event(name, "", strike)
        else:
            yield from (Event(name, unit, partial(_fail, _SERVICES[name], unit)) for unit in vital)


def _fail(how: Callable[[Node, str], None], unit: str, world: World) -> None:
    how(world.active, unit)


def measure(world: World, event: Event) -> list[Round]:
    """Have one event happen to a whole platform, and make it whole again; return what each exchange saw."""
    sys.stderr.write(f"{event.name} {event.unit}\n")
    world.until_healthy()
    world.forgive()
    try:
        with world.watching() as watch:
            since = time.monotonic()
            event.strike(world)
            watch.until_steady(time.monotonic(), within=_CALM_WITHIN_SECONDS)
            return [Round(event, exchange, outage) for exchange, outage in watch.outages(since)]
    finally:
        if troubles := world.restore():
            raise DrillError("; ".join(troubles))


def summary(found: Sequence[Round]) -> dict[str, dict[str, object]]:
    """Return for each event what each exchange saw: the median and the worst in seconds, and what was lost."""
    grouped: dict[str, dict[str, list[Round]]] = defaultdict(lambda: defaultdict(list))
    for seen in found:
        exchange = seen.exchange
        grouped[seen.event.name][f"{exchange.protocol}: {exchange.does}, every {exchange.every:g} s"].append(seen)
    return {
        event: {exchange: _figures(of) for exchange, of in exchanges.items()} for event, exchanges in grouped.items()
    }


def _figures(of: Sequence[Round]) -> dict[str, object]:
    by_unit: dict[str, list[float]] = defaultdict(list)
    for seen in of:
        by_unit[seen.event.unit].append(round(seen.outage.seconds, 3))
    seconds = [one for each in by_unit.values() for one in each]
    return {
        "median_s": round(median(seconds), 3), "worst_s": max(seconds), "lost": sum(seen.outage.lost for seen in of),
        "of": sum(seen.outage.probes for seen in of), "seconds": by_unit if any(by_unit) else seconds,
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("events", nargs="+", choices=(*_MACHINES, *_SERVICES), help="what is to happen")
    parser.add_argument("--file", type=Path, default=Path(".lab/relevo.toml"), help="the lab's cluster file")
    parser.add_argument("--times", type=int, default=10)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
