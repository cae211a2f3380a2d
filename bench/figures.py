# ruff: noqa: INP001 - a script, no package
"""What failures cost, out of many runs, as it stands in docs/reference/failover.md: two tables.

    relevo drill services --format json > one.json    # in English, as often as you like
    python bench/figures.py one.json two.json ...

First a row an event, then a row a kind of event beside what is wanted of it. A cell is `median / worst` in seconds, or
one figure where both are the same. The last line counts the runs and names what failed.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

TIMES = {
    "first mail accepted": "Accepted again",
    "first mail delivered": "Read again",
    "longest time without a 250": "Without a 250",
    "fresh connections, SMTP": "Fresh: SMTP",
    "fresh connections, IMAP": "IMAP",
    "fresh connections, webmail": "webmail",
}
COUNTS = {"accepted": "Messages", "lost": "Lost", "duplicated by us": "Twice by us"}
FRESH = {
    "SMTP": ("fresh connections, SMTP", "SMTP"),
    "IMAP": ("fresh connections, IMAP", "IMAP"),
    "webmail": ("fresh connections, webmail", "webmail"),
}


@dataclass(frozen=True)
class Kind:
    """A kind of event, which events are of it, and what is wanted: a fresh connection, mail accepted and readable."""

    title: str
    events: str
    fresh: str
    usable: str


KINDS = (
    Kind("planned switchover", "switchover", "0.05", "0.5"),
    Kind("service killed", "(?!mount|brick).* killed", "0.3", "1"),
    Kind("service hung", "(?!mount|brick).* hung", "1.5", "2"),
    Kind("power cut of the active node", "power cut|power cut of the active node", "0.4", "3"),
    Kind("power cut of the standby or of storage01", "power cut of the (standby|storage machine)", "no gap", "2"),
)


@dataclass(frozen=True)
class Seen:
    """One check of one run: of which event, what was measured, the figure (None where nothing was) and the verdict."""

    event: str
    what: str
    value: float | None
    verdict: str


def read(path: Path) -> Iterator[Seen]:
    """Yield the checks of a run; raise ValueError when the file is none."""
    try:
        drills = json.loads(path.read_text(encoding="utf-8"))["drills"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not what `relevo drill --format json` writes") from error
    for check in (check for drill in drills for check in drill["checks"]):
        event, _, what = check["name"].rpartition(": ")
        yield Seen(event, what, check["figure"] and check["figure"]["value"], check["verdict"])


def table(checks: Sequence[Seen]) -> list[str]:
    """Return the lines of the table, in Markdown."""
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for seen in checks:
        if seen.event and seen.value is not None:
            values[seen.event][seen.what].append(seen.value)
    heads = ["Event", "Runs", *TIMES.values(), *COUNTS.values()]
    return _markdown(heads, [[event, *_cells(of)] for event, of in values.items() if COUNTS.keys() <= of.keys()])


def wanted(checks: Sequence[Seen]) -> list[str]:
    """Return the lines of the table of kinds, in Markdown; a kind that no run had is not in it."""
    heads = ["Event", "Wanted: fresh, usable", "Times", *(f"Fresh: {name}" for name in FRESH), "Accepted", "Read"]
    return _markdown(heads, [row for kind in KINDS if (row := _row(kind, checks))])


def _row(kind: Kind, checks: Sequence[Seen]) -> list[str]:
    of = [seen for seen in checks if seen.value is not None and re.fullmatch(kind.events, seen.event)]
    asked = [*FRESH.values(), ("first mail accepted",), ("first mail delivered",)]
    found = [[seen.value or 0.0 for seen in of if seen.what in names] for names in asked]
    times = sum(seen.what == "whole again" for seen in of)
    return [kind.title, f"{kind.fresh}, {kind.usable}", str(times), *map(_spread, found)] if times else []


def _markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows)]


def _cells(of: dict[str, list[float]]) -> list[str]:
    return [str(len(of["lost"])), *(_spread(of.get(what, [])) for what in TIMES),
            *(f"{sum(of[what]):.0f}" for what in COUNTS)]


def _spread(values: Sequence[float]) -> str:
    return " / ".join(dict.fromkeys(_short(value) for value in (median(values), max(values)))) if values else ""


def _short(value: float) -> str:
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"  # noqa: PLR2004 - two digits tell enough


def main(names: Sequence[str]) -> None:
    """Print the table of these runs."""
    checks = [seen for name in names for seen in read(Path(name))]
    failed = Counter(f"{seen.event}: {seen.what}" for seen in checks if seen.verdict != "passed")
    for line in (*table(checks), "", *wanted(checks)):
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"\n{len(names)} runs; failed: {dict(failed) or 'none'}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
