"""Name servers in memory: what relevo-lookup would answer."""

from __future__ import annotations

import json
from collections.abc import Mapping

from relevo.lookup.ask import DIFFER, SILENT
from relevo.lookup.questions import parse


class Names:
    """Records by name and type; those in `silent` nobody answers, those in `differ` not all servers have."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.silent: set[str] = set()
        self.differ: set[str] = set()
        self.questions: list[dict] = []
        self.fails: Exception | None = None

    def ask(self, question: Mapping[str, object], _path: str, count: int) -> list[dict]:
        """Answer like `relevo.lookup.ask.ask`."""
        if self.fails:
            raise self.fails
        asked = parse(json.dumps(question).encode())
        self.questions.append(dict(question))
        assert len(asked.ask) == count
        return [self._answer(name, kind) for name, kind in asked.ask]

    def publish(self, key) -> None:
        """Publish the record of a DKIM key."""
        self.records[key.name, "TXT"] = [f"v=DKIM1; k=rsa; p={key.public}"]

    def _answer(self, name: str, kind: str) -> dict:
        if name in self.silent:
            return {"found": [], "by": "", "trouble": SILENT}
        trouble = DIFFER if name in self.differ else ""
        return {"found": self.records.get((name, kind), []), "by": "authority", "trouble": trouble}
