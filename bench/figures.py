# ruff: noqa: INP001 - a script, no package
"""What failures cost, out of many runs of the drills: the tables of docs/reference/failover.md.

    relevo drill services --format json > one.json             # in English, as often as you like
    python bench/figures.py one.json two.json ...              # shows the tables of these runs
    python bench/figures.py --add bench/runs.jsonl one.json    # keeps what counts of a run, one drill a line
    python bench/figures.py --write docs/reference/failover.md bench/runs.jsonl    # sets the tables of all kept runs

First a row a drill: how often it was played, and how often it has passed since it failed last. Then a row a kind of
event beside what is wanted of it, then a row an event. A cell is `median / worst` in seconds, or one figure where both
are the same. The last line counts the drills and names what failed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from itertools import takewhile
from pathlib import Path
from statistics import median
from typing import Any

TIMES = {
    "first mail accepted": "Accepted again",
    "first mail delivered": "Read again",
    "longest time without a 250": "Without a 250",
    "fresh connections, SMTP": "Fresh: SMTP",
    "fresh connections, IMAP": "IMAP",
    "fresh connections, webmail": "webmail",
}
SINCE = ", from when"  # "mail accepted, from when two machines are on": a power cut of all counts from there
COUNTS = {"accepted": "Messages", "lost": "Lost", "duplicated by us": "Twice by us"}
FRESH = {
    "SMTP": ("fresh connections, SMTP", "SMTP"),
    "IMAP": ("fresh connections, IMAP", "IMAP"),
    "webmail": ("fresh connections, webmail", "webmail"),
}


COUNTING = frozenset({*TIMES, *COUNTS, "whole again", *(name for names in FRESH.values() for name in names)})
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


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


@dataclass(frozen=True)
class Run:
    """One drill that was played: when it, or the row of drills that it was one of, was started (UTC)."""

    drill: str
    started: str
    verdict: str
    checks: tuple[Seen, ...]


def read(path: Path) -> list[Run]:
    """Return the drills of a run, or of a file of kept ones; raise ValueError when the file is neither."""
    text = path.read_text(encoding="utf-8")
    try:
        if path.suffix == ".jsonl":
            return [_kept(json.loads(line)) for line in text.splitlines()]
        told = json.loads(text)
        return [
            Run(drill["name"], told["started"], drill["verdict"], tuple(map(_seen, drill["checks"])))
            for drill in told["drills"]
        ]
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is not what `relevo drill --format json` writes") from error


def _seen(check: dict[str, Any]) -> Seen:
    event, _, what = check["name"].rpartition(": ")
    what, since, _ = what.partition(SINCE)
    value = check["figure"] and check["figure"]["value"]
    return Seen(event, f"first {what}" if since else what, value, check["verdict"])


def _kept(told: dict[str, Any]) -> Run:
    return Run(told["drill"], told["started"], told["verdict"], tuple(Seen(*one) for one in told["checks"]))


def keep(path: Path, runs: Sequence[Run]) -> int:
    """Append drills that are not there yet, with the figures and failures that count; return how many were."""
    there = {(run.drill, run.started) for run in read(path)} if path.exists() else set()
    new = [run for run in runs if (run.drill, run.started) not in there]
    with path.open("a", encoding="utf-8") as file:
        for run in new:
            checks = [astuple(seen) for seen in run.checks if seen.what in COUNTING or seen.verdict != "passed"]
            told = {"drill": run.drill, "started": run.started, "verdict": run.verdict, "checks": checks}
            file.write(json.dumps(told, ensure_ascii=False) + "\n")
    return len(new)


def drills(runs: Sequence[Run]) -> list[str]:
    """Return the lines of the table of drills, in Markdown."""
    rows = []
    for name in sorted({run.drill for run in runs}):
        of = sorted((run for run in runs if run.drill == name), key=lambda run: run.started)
        last = list(takewhile(lambda run: run.verdict == "passed", reversed(of)))
        rows.append([name, str(len(of)), str(len(last)), of[-1].started[:10]])
    return _markdown(["Drill", "Played", "Passed since a failure", "Last"], rows)


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


def tables(runs: Sequence[Run]) -> str:
    """Return all of it, in Markdown."""
    checks = [seen for run in runs for seen in run.checks]
    failed = Counter(
        f"{seen.event or run.drill}: {seen.what}" for run in runs for seen in run.checks if seen.verdict != "passed"
    )
    named = ", ".join(f"{what} ({count})" for what, count in failed.items()) or "none"
    lines = (
        *drills(runs), "", *wanted(checks), "", *table(checks), "", f"{len(runs)} drills; failed: {named}",
    )
    return "\n".join(lines) + "\n"


def with_tables(text: str, runs: Sequence[Run]) -> str:
    """Return a page with these tables between its two marks."""
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n{tables(runs)}{END}{after}"


def main() -> None:
    """Show, keep or set the figures of runs."""
    options = argparse.ArgumentParser()
    options.add_argument("--add", type=Path, metavar="KEPT")
    options.add_argument("--write", type=Path, metavar="PAGE")
    options.add_argument("runs", type=Path, nargs="+")
    given = options.parse_args()
    runs = [run for path in given.runs for run in read(path)]
    if given.add:
        sys.stdout.write(f"{keep(given.add, runs)} of {len(runs)} were new\n")
    elif given.write:
        given.write.write_text(with_tables(given.write.read_text(encoding="utf-8"), runs), encoding="utf-8")
    else:
        sys.stdout.write(tables(runs))


if __name__ == "__main__":
    main()
