"""Two mail nodes whose queues are in memory: questions and answers are the service's own, only Postfix is not there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from relevo.queue.answers import Answers, AskIndex
from relevo.queue.listing import Selection
from relevo.queue.peer import Silent
from relevo.queue.postfix import Unreadable
from relevo.queue.questions import parse
from relevo.trace.server import answer

LINES = Path(__file__).with_name("data").joinpath("postqueue.jsonl").read_text(encoding="utf-8").splitlines()


def message(number: str, sender: str, *recipients: str, state: str = "deferred", reason: str = "", **more: Any) -> dict:
    """Return a message as postqueue(1) tells it."""
    told = [{"address": one, **({"delay_reason": reason} if reason else {})} for one in recipients]
    return {
        "queue_name": state, "queue_id": number, "arrival_time": 1795892117, "message_size": 1024,
        "forced_expire": False, "sender": sender or "MAILER-DAEMON", "recipients": told, **more,
    }


class MemoryPostfix:
    """One queue."""

    def __init__(self, messages: Iterable[dict] = ()) -> None:
        self.messages = {one["queue_id"]: one for one in messages}
        self.unreadable, self.tried, self.headers_of, self.most = "", [], {}, 10**6

    async def look(self, selection: Selection) -> bool:
        self._check()
        for one in list(self.messages.values())[: self.most]:
            selection.take(json.dumps(one).encode())
        return self.most >= len(self.messages)

    async def headers(self, number: str) -> bytes:
        self._check()
        if number not in self.messages:
            raise Unreadable(f"postcat: fatal: open queue file {number}: No such file or directory")
        return self.headers_of.get(number, b"Subject: =?UTF-8?Q?Reuni=C3=B3n?=\n")

    async def change(self, do: str, ids: Sequence[str]) -> list[str]:
        self._check()
        done = [one for one in ids if one in self.messages and (
            do == "delete" or (self.messages[one]["queue_name"] == "hold") is (do == "release")
        )]
        for one in done:
            if do == "delete":
                del self.messages[one]
            else:
                self.messages[one]["queue_name"] = "hold" if do == "hold" else "deferred"
        return done

    async def retry(self, ids: Sequence[str]) -> list[str]:
        self._check()
        self.tried += ids
        return list(ids)

    async def retry_all(self) -> None:
        self._check()
        self.tried.append("everything")

    def _check(self) -> None:
        if self.unreadable:
            raise Unreadable(self.unreadable)


class _Queues:
    def __init__(self, present: Mapping[str, MemoryPostfix]) -> None:
        self.here = dict(present)

    async def present(self) -> Mapping[str, MemoryPostfix]:
        return self.here


class Platform:
    """mail01, which is asked, and mail02."""

    def __init__(self) -> None:
        self.mail01, self.mail02 = MemoryPostfix(), MemoryPostfix()
        self.silent: set[str] = set()
        self.questions: list[dict[str, Any]] = []
        self.indexes: dict[str, str] = {}  # files of relevo.trace, by node; one that is not there knows nothing
        self._queues = {"mail01": _Queues({"mail01": self.mail01}), "mail02": _Queues({"mail02": self.mail02})}
        self._answers = {
            "mail01": Answers("mail01", ("mail02",), self._queues["mail01"], self._ask_peer, self._index_of("mail01")),
            "mail02": Answers("mail02", ("mail01",), self._queues["mail02"], self._ask_peer, self._index_of("mail02")),
        }

    def mail02_dies(self, *, adopted: bool) -> None:
        self.silent.add("mail02")
        if adopted:
            self._queues["mail01"].here["mail02"] = self.mail02

    def ask(
        self, question: Mapping[str, object], _path: str = "", _within: float = 0, at: str = "mail01",
    ) -> dict[str, Any]:
        """Answer like `relevo.queue.ask.ask`."""
        self.questions.append(dict(question))
        answer = asyncio.run(self._answers[at].answer(parse(json.dumps(question).encode())))
        return json.loads(json.dumps(answer))

    def _index_of(self, node: str) -> AskIndex:
        async def ask(question: dict[str, Any]) -> dict[str, Any]:
            if node not in self.indexes:
                return {"found": [], "parts": [], "cut": False, "since": 0, "behind": 0}
            return answer(self.indexes[node], json.dumps(question).encode())

        return ask

    async def _ask_peer(self, node: str, line: bytes) -> dict[str, Any]:
        if node in self.silent:
            raise Silent("Connection timed out")
        return await self._answers[node].answer(parse(line))
