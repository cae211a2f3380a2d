"""Two mail nodes with an index each: lines go in, questions are answered as relevo-queue-control answers them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from relevo.trace.answers import NoAnswer, Search
from relevo.trace.index import Entry, Index
from relevo.trace.lines import Line
from relevo.trace.server import answer

DATA = Path(__file__).with_name("data")
RELEASES = ("debian-12", "debian-13")
BOOT = "5f0e6c1d2b3a4958"
DOMAIN = "chocolatesparati.com.bo"


def cases(release: str) -> dict[str, list[Line]]:
    """Return real lines, by what was done to get them."""
    found: dict[str, list[Line]] = {}
    for text in (DATA / f"{release}.jsonl").read_text(encoding="utf-8").splitlines():
        line = Line(*json.loads(text))
        if line.program == "#case":
            found[line.text] = []
        elif found:
            found[list(found)[-1]].append(line)
    return found


def lines(release: str) -> list[Line]:
    """Return all of them."""
    return [line for some in cases(release).values() for line in some]


def subjected(line: Line, message_id: str, digest: str) -> Line:
    """Return a line, the filter's about that message with the digest of its subject."""
    head, comma, time = line.text.rpartition(", ")
    if line.program != "amavis" or f"<{message_id}>" not in head:
        return line
    return line._replace(text=f"{head}, subject: {digest}{comma}{time}")


class Nodes:
    """mail01, which is asked, and mail02."""

    def __init__(self, folder: Path) -> None:
        self.paths = {name: str(folder / f"{name}.db") for name in ("mail01", "mail02")}
        self.indexes = {name: Index(path, name) for name, path in self.paths.items()}
        self.silent: set[str] = set()
        self.asked = 0

    def write(self, node: str, some: Iterable[Line], portion: int = 1000) -> None:
        """Have a node's index take lines, in portions."""
        entries = [Entry(line, BOOT, f"{number}") for number, line in enumerate(some)]
        for begin in range(0, len(entries), portion):
            self.indexes[node].take(entries[begin: begin + portion])
            self.indexes[node].write()

    def search(self, **told: Any) -> dict[str, Any]:
        """Return the answer to a search."""
        found = asyncio.run(Search(tuple(self.paths), self._ask).answer(told))
        return json.loads(json.dumps(found))  # type: ignore[no-any-return]

    def traces(self, **told: Any) -> list[dict[str, Any]]:
        """Return the traces alone."""
        return self.search(**told)["traces"]  # type: ignore[no-any-return]

    async def _ask(self, node: str, question: Mapping[str, Any]) -> dict[str, Any]:
        self.asked += 1
        if node in self.silent:
            raise NoAnswer("Connection timed out")
        return answer(self.paths[node], json.dumps(question).encode())
