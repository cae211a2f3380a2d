# ruff: noqa: INP001 - a script, no package
"""Measure the index of the mail journal with days of many messages: how fast it takes them, its size, its answers.

Method: real lines of one message (tests/unit/trace/data, Debian 13) are written again and again with other ids,
addresses and times, spread over a day: of ten messages seven come from outside to one of 500 mailboxes, two go outside
from one of them, one is refused at the door. They go through the collector's own code (parsing, placing, folding,
SQLite) in the portions that a busy day has; the journal itself is not part of it. Then both kinds of processes ask as
they do in service: find and gather by JSON, join, cut. The answers are timed five times each; the worst counts, in
milliseconds of the clock and of the processor. With `--days` so many such days are in the index. Prints JSON; figures
in docs/decisions/0013-trace.md.

    python bench/trace.py --messages 100000 --days 1
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from relevo.trace.answers import Search
from relevo.trace.index import Entry, Index
from relevo.trace.lines import Line
from relevo.trace.server import answer

_DAY = 86400 * 1_000_000  # microseconds
_START = 1_795_824_000_000_000
_PORTION = 500  # lines: what a second of a busy hour has, with room
_BOXES = 500
_REAL = Path(__file__).parent.parent / "tests" / "unit" / "trace" / "data" / "debian-13.jsonl"
_CASES = {"inbound": "clean with TLS", "outbound": "submission outside", "refused": "unknown recipient"}
_LETTERS = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"


def main() -> int:
    """Measure once and print the result."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(str(Path(folder) / "index.db"), options.messages, options.days)
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0


def measure(path: str, messages: int, days: int) -> dict[str, Any]:
    """Fill an index and ask it."""
    index = Index(path, "mail01")
    count, began, busy = 0, time.monotonic(), time.process_time()
    for portion in _portions(messages, days):
        index.take(portion)
        index.write()
        count += len(portion)
    took, used = time.monotonic() - began, time.process_time() - busy
    index.close()
    size = sum(Path(f"{path}{end}").stat().st_size for end in ("", "-wal") if Path(f"{path}{end}").exists())
    return {
        "messages": messages * days, "lines": count, "seconds": round(took, 1), "cpu_seconds": round(used, 1),
        "lines_per_cpu_second": round(count / used), "index_mb": round(size / 2**20, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "answers": {name: _worst(path, told) for name, told in _questions(days).items()},
    }


def _questions(days: int) -> dict[str, dict[str, Any]]:
    hour = _START + (days - 1) * _DAY + _DAY // 2
    return {
        "an address": {"words": [["address", "user7@example.org"]]},
        "an address, second page": {"words": [["address", "user7@example.org"]], "before": [hour, "4zzzz"]},
        "the whole domain": {"words": [["domain", "example.org"]]},
        "an unknown address": {"words": [["address", "nobody@nowhere.example"]]},
        "a Message-ID": {"words": [["message_id", "m77.0@elsewhere.example"]]},
        "a client": {"words": [["client", "203.0.113.5"]]},
        "refused, an hour": {"result": "rejected", "since": hour, "until": hour + 3600 * 1_000_000},
        "bounced (there is none)": {"result": "bounced"},
        "an address and a result": {"recipient": "user7@example.org", "result": "rejected"},
        "as a domain's administrator": {"domains": ["example.org"]},
        "200 rows": {"limit": 200},
    }


def _worst(path: str, told: Mapping[str, Any]) -> dict[str, int]:
    async def ask(_node: str, question: Mapping[str, Any]) -> dict[str, Any]:
        text = json.dumps(await asyncio.to_thread(answer, path, json.dumps(question).encode()))
        return json.loads(text)  # type: ignore[no-any-return] # as over the socket

    clock, busy = 0.0, 0.0
    for _turn in range(5):
        began, used = time.monotonic(), time.process_time()
        asyncio.run(Search(("mail01",), ask).answer(dict(told)))
        clock, busy = max(clock, time.monotonic() - began), max(busy, time.process_time() - used)
    return {"ms": round(1000 * clock), "cpu_ms": round(1000 * busy)}


def _portions(messages: int, days: int) -> Iterator[list[Entry]]:
    portion: list[Entry] = []
    for number, line in enumerate(_lines(messages, days)):
        portion.append(Entry(line, "5f0e6c1d2b3a4958", str(number)))
        if len(portion) >= _PORTION:
            yield portion
            portion = []
    yield portion


def _lines(messages: int, days: int) -> Iterator[Line]:
    real, chance = _real(), random.Random(7)  # noqa: S311 - not for secrets
    for number in range(messages * days):
        kind = chance.choices(("inbound", "outbound", "refused"), (7, 2, 1))[0]
        at = _START + number * _DAY // messages
        words = {
            "ID": f"4{number:07d}{''.join(chance.choices(_LETTERS, k=8))}", "BOX": f"user{chance.randrange(_BOXES)}",
            "SESSION": "".join(chance.choices(_LETTERS, k=22)), "NUMBER": f"{number}.{number // messages}",
            "CLIENT": f"203.0.{chance.randrange(256)}.{chance.randrange(256)}",
        }
        for ago, program, pid, text in real[kind]:
            for name, value in words.items():
                text = text.replace(f"%{name}%", value)  # noqa: PLW2901 - one after the other
            yield Line(at + ago, program, pid, text)


def _real() -> dict[str, list[Line]]:
    """Return the lines of a message of each kind, with names in place of what differs."""
    found: dict[str, list[Line]] = {}
    case = ""
    for text in _REAL.read_text(encoding="utf-8").splitlines():
        line = Line(*json.loads(text))
        if line.program == "#case":
            case = next((kind for kind, name in _CASES.items() if name == line.text), "")
        elif case:
            found.setdefault(case, []).append(line)
    return {
        kind: [Line(line.at - some[0].at, *line[1:3], _named(line.text, some)) for line in some]
        for kind, some in found.items()
    }


def _named(text: str, lines: list[Line]) -> str:
    everything = "\n".join(line.text for line in lines)
    identity = next((word for word in everything.replace(":", " ").split() if word.startswith("4jcP")), "-")
    session = next((word for word in everything.split() if word.endswith("zDdQ")), "-")
    for what, name in (
        (identity, "%ID%"), (session, "%SESSION%"), ("chocolatesparati.com.bo", "example.org"),
        ("ana@example", "%BOX%@example"), ("m1.trixie", "m%NUMBER%"), ("m21.trixie", "m%NUMBER%"),
        ("203.0.113.5", "%CLIENT%"),
    ):
        text = text.replace(what, name)
    return text


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=100_000, help="a day")
    parser.add_argument("--days", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
