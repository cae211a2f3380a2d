# ruff: noqa: INP001 - a script, no package
"""What failures cost, out of many runs of the drills: the tables of docs/reference/failover.md.

    relevo drill services --format json > one.json             # in English, as often as you like
    python bench/figures.py one.json two.json ...              # shows the tables of these runs
    python bench/figures.py --add bench/runs.jsonl one.json    # keeps what counts of a run, one drill a line
    python bench/figures.py --write docs/reference/failover.md bench/runs.jsonl    # sets the tables of all kept runs,
                                                               # in its Spanish version (failover.es.md) as well

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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from itertools import takewhile
from pathlib import Path
from statistics import median
from typing import Any

from babel.messages.pofile import read_po

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
CATALOGUE = Path(__file__).parents[1] / "src" / "relevo" / "locale" / "es" / "LC_MESSAGES" / "relevo.po"
# What only these tables say; the names of drills' events and figures are in the catalogue.
SPANISH = {
    "Drill": "Simulacro", "Played": "Veces", "Passed since a failure": "Aprobado desde una falla", "Last": "Último",
    "Event": "Suceso", "Runs": "Veces", "Times": "Veces", "Wanted: fresh, usable": "Se busca: nueva, utilizable",
    "Fresh: SMTP": "Nueva: SMTP", "Fresh: IMAP": "Nueva: IMAP", "Fresh: webmail": "Nueva: webmail",
    "Accepted again": "Aceptado", "Read again": "Leído", "Accepted": "Aceptado", "Read": "Leído",
    "Without a 250": "Sin un 250", "Messages": "Mensajes", "Lost": "Perdidos", "Twice by us": "Dobles por nosotros",
    "planned switchover": "traspaso planificado", "service killed": "servicio matado",
    "service hung": "servicio colgado", "no gap": "sin corte", "none": "nada",
    "power cut of the standby or of storage01": "corte de energía del nodo de reserva o de storage01",
    "{count} drills; failed: {named}": "{count} simulacros; falló: {named}",
}
_HOLE = re.compile(r"({[^}]*})")


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


class Words:
    """The language of a page, English where nothing else is said."""

    def __init__(self, catalogue: Path | None = None) -> None:
        """Take the catalogue of the language's messages."""
        self._is_english = catalogue is None
        self._known: dict[str, str] = {}
        if catalogue:
            with catalogue.open("rb") as file:
                messages = list(read_po(file))
            self._known = {told.id: str(told.string) for told in messages if isinstance(told.id, str) and told.string}
            self._known |= SPANISH
        with_holes = [message for message in self._known if _HOLE.search(message)]
        self._with_holes = sorted(with_holes, key=lambda message: -len(_HOLE.sub("", message)))

    def __call__(self, text: str) -> str:
        """Return a text; one that was put together is taken apart again, by the message that has most of it."""
        if self._is_english or text in self._known:
            return self._known.get(text, text)
        event, colon, what = text.rpartition(": ")
        if what in self._known:
            return f"{self(event)}{colon}{self._known[what]}"
        for message in self._with_holes:
            parts = _HOLE.split(message)
            pattern = "".join("(.+)" if _HOLE.match(part) else re.escape(part) for part in parts)
            if found := re.fullmatch(pattern, text):
                said = self._known[message]
                for hole, filling in zip(_HOLE.findall(message), found.groups(), strict=True):
                    said = said.replace(hole, self(filling))
                return said
        return text

    def number(self, text: str) -> str:
        """Return a number with the point that is usual."""
        return text if self._is_english else text.replace(".", ",")


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


def drills(runs: Sequence[Run], words: Words) -> list[str]:
    """Return the lines of the table of drills, in Markdown."""
    rows = []
    for name in sorted({run.drill for run in runs}):
        of = sorted((run for run in runs if run.drill == name), key=lambda run: run.started)
        last = list(takewhile(lambda run: run.verdict == "passed", reversed(of)))
        rows.append([name, str(len(of)), str(len(last)), of[-1].started[:10]])
    return _markdown(map(words, ["Drill", "Played", "Passed since a failure", "Last"]), rows)


def table(checks: Sequence[Seen], words: Words) -> list[str]:
    """Return the lines of the table, in Markdown."""
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for seen in checks:
        if seen.event and seen.value is not None:
            values[seen.event][seen.what].append(seen.value)
    heads = ["Event", "Runs", *TIMES.values(), *COUNTS.values()]
    rows = [[words(event), *_cells(of, words)] for event, of in values.items() if COUNTS.keys() <= of.keys()]
    return _markdown(map(words, heads), rows)


def wanted(checks: Sequence[Seen], words: Words) -> list[str]:
    """Return the lines of the table of kinds, in Markdown; a kind that no run had is not in it."""
    heads = ["Event", "Wanted: fresh, usable", "Times", *(f"Fresh: {name}" for name in FRESH), "Accepted", "Read"]
    return _markdown(map(words, heads), [row for kind in KINDS if (row := _row(kind, checks, words))])


def _row(kind: Kind, checks: Sequence[Seen], words: Words) -> list[str]:
    of = [seen for seen in checks if seen.value is not None and re.fullmatch(kind.events, seen.event)]
    asked = [*FRESH.values(), ("first mail accepted",), ("first mail delivered",)]
    found = [[seen.value or 0.0 for seen in of if seen.what in names] for names in asked]
    times = sum(seen.what == "whole again" for seen in of)
    aims = f"{words.number(words(kind.fresh))}; {words.number(kind.usable)}"
    return [words(kind.title), aims, str(times), *(_spread(one, words) for one in found)] if times else []


def _markdown(heads: Iterable[str], rows: Sequence[Sequence[str]]) -> list[str]:
    named = list(heads)
    return [f"| {' | '.join(row)} |" for row in (named, ["---"] * len(named), *rows)]


def _cells(of: dict[str, list[float]], words: Words) -> list[str]:
    return [str(len(of["lost"])), *(_spread(of.get(what, []), words) for what in TIMES),
            *(f"{sum(of[what]):.0f}" for what in COUNTS)]


def _spread(values: Sequence[float], words: Words) -> str:
    both = (median(values), max(values)) if values else ()
    return " / ".join(dict.fromkeys(words.number(_short(value)) for value in both))


def _short(value: float) -> str:
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"  # noqa: PLR2004 - two digits tell enough


def tables(runs: Sequence[Run], words: Words) -> str:
    """Return all of it, in Markdown."""
    checks = [seen for run in runs for seen in run.checks]
    failed = Counter(
        words(f"{seen.event or run.drill}: {seen.what}")
        for run in runs for seen in run.checks if seen.verdict != "passed"
    )
    named = ", ".join(f"{what} ({count})" for what, count in failed.items()) or words("none")
    lines = (
        *drills(runs, words), "", *wanted(checks, words), "", *table(checks, words), "",
        words("{count} drills; failed: {named}").format(count=len(runs), named=named),
    )
    return "\n".join(lines) + "\n"


def with_tables(text: str, runs: Sequence[Run], words: Words) -> str:
    """Return a page with these tables between its two marks."""
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n{tables(runs, words)}{END}{after}"


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
        for page, words in _pages(given.write):
            page.write_text(with_tables(page.read_text(encoding="utf-8"), runs, words), encoding="utf-8")
    else:
        sys.stdout.write(tables(runs, Words()))


def _pages(english: Path) -> Iterator[tuple[Path, Words]]:
    yield english, Words()
    if (spanish := english.with_suffix(".es.md")).exists():
        yield spanish, Words(CATALOGUE)


if __name__ == "__main__":
    main()
