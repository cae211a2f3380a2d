"""The API, as a program with a token asks it: what the pages have done is looked for there, and tidied up by it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from relevo.drills.jobs.place import Answer, Place, exchange
from relevo.errors import DrillError

_NO_CONTENT, _NOT_FOUND, _FIRST_BAD = 204, 404, 400


@dataclass(frozen=True)
class Api:
    """A program; the token never appears in what the object says of itself."""

    place: Place
    token: str = field(repr=False)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Ask, whatever is answered."""
        sent = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en", **headers}
        if body is not None:
            sent["Content-Type"] = "application/json"
        raw = None if body is None else json.dumps(body).encode()
        return exchange(self.place, method, f"/api/v1/{quote(path, safe='/@?=&.')}", raw, sent)

    def read(self, path: str) -> Any:  # noqa: ANN401 - what the path is for
        """Return what is there; raise DrillError when it can't be read."""
        answer = self.ask("GET", path)
        if answer.status >= _FIRST_BAD:
            raise DrillError(f"GET {path}: {answer.status} {answer.body[:200]}")
        return answer.told

    def has(self, path: str) -> bool:
        """Tell whether there is such an entry."""
        return self.ask("GET", path).status != _NOT_FOUND

    def add(self, kind: str, **given: object) -> None:
        """Add an entry."""
        answer = self.ask("POST", kind, given)
        if answer.status >= _FIRST_BAD:
            raise DrillError(f"POST {kind}: {answer.status} {answer.body[:200]}")

    def change(self, path: str, **given: object) -> None:
        """Change fields of an entry, whatever it is like now."""
        answer = self.ask("PATCH", path, given, **{"If-Match": "*"})
        if answer.status >= _FIRST_BAD:
            raise DrillError(f"PATCH {path}: {answer.status} {answer.body[:200]}")

    def remove(self, path: str, query: str = "") -> bool:
        """Remove an entry; tell whether there was one."""
        found = self.ask("GET", path)
        if found.status == _NOT_FOUND:
            return False
        answer = self.ask("DELETE", path + query, **{"If-Match": found.headers.get("ETag", "*")})
        if answer.status != _NO_CONTENT:
            raise DrillError(f"DELETE {path}: {answer.status} {answer.body[:200]}")
        return True

    def fields(self, path: str, *names: str) -> tuple[Any, ...]:
        """Return some fields of an entry."""
        told = self.read(path)
        return tuple(told[name] for name in names)
