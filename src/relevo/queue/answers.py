"""From a question to the answer: of the queues that this node works on, and of the other node's.

    list       {"queues": [{"at", "of", "counts", "matching", "error", "silent", "cut"}, ...], "rows": [...],
                "nodes": [names]}
    headers    {"headers": text}
    changes    {"done": [ids]}; `retry-all` has `queues` with `at`, `of` and `error`
    flow       {"flows": [{"at", "age", "error", "hours", "totals"}, ...]}: the other node's as it was last heard
    trace      as in `relevo.trace.answers`; trace-here as in `relevo.trace.server`
    refused    {"refused": why}

A node that does not answer is a queue with `silent`, never one without messages; one with `cut` was looked at in part.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from relevo.queue.journal import Journal
from relevo.queue.listing import Selection
from relevo.queue.peer import Silent
from relevo.queue.postfix import Postfix, Unreadable
from relevo.queue.questions import Question, Refused
from relevo.queue.queues import Queues
from relevo.trace import questions as traces
from relevo.trace.answers import NoAnswer, Search

log = logging.getLogger(__name__)
Answer: TypeAlias = dict[str, Any]
AskPeer: TypeAlias = Callable[[str, bytes], Awaitable[Answer]]
AskIndex: TypeAlias = Callable[[Answer], Awaitable[Answer]]


class Answers:
    """What one node answers."""

    def __init__(
        self, node: str, peers: tuple[str, ...], queues: Queues, ask_peer: AskPeer, ask_index: AskIndex, *,
        flow: Journal | None = None,
    ) -> None:
        """Take our node's name, the other mail nodes', our queues, what asks another node or our index, who counts."""
        self._node, self._peers, self._queues, self._ask_peer = node, peers, queues, ask_peer
        self._ask_index, self._flow = ask_index, flow

    async def answer(self, question: Question) -> Answer:
        """Answer a question, whatever becomes of it."""
        try:
            return await self._answer(question)
        except (Refused, traces.Refused, NoAnswer) as why:
            return {"refused": str(why)}
        except Unreadable as why:
            return {"refused": f"{question.at or self._node}: {why}"}
        except Silent as why:
            return {"refused": f"{question.at}: {why}"}

    async def _answer(self, question: Question) -> Answer:
        if question.do in {"list", "retry-all"}:
            return await self._everywhere(question)
        if question.do == "flow":
            return {"flows": self._flows(question)}
        if question.do == "trace" and not question.here:
            return await Search((self._node, *self._peers), self._ask_any_index).answer(question.trace)
        if question.do == "trace-here":
            return await self._ask_index(question.trace)
        if question.at == self._node:
            return await self._of_messages(question)
        if question.here or question.at not in self._peers:
            raise Refused(f"{question.at} is no node that is asked here")
        return await self._ask_peer(question.at, question.passed_on())

    def _flows(self, question: Question) -> list[Answer]:
        """Return what is known already: who shows it waits for nobody."""
        if not self._flow:
            raise Refused("mail is not counted here")
        return [*self._flow.told(self._node), *([] if question.here else self._flow.told_of_others())]

    async def _ask_any_index(self, node: str, question: Answer) -> Answer:
        """Ask the index of a node; raise NoAnswer when it, or its node, does not answer."""
        if node == self._node:
            return await self._ask_index(question)
        line = json.dumps({"do": "trace-here", "trace": question, "here": True}).encode() + b"\n"
        try:
            return await self._ask_peer(node, line)
        except Silent as why:
            raise NoAnswer(str(why)) from None

    # --- all queues -----------------------------------------------------------------------------------------------
    async def _everywhere(self, question: Question) -> Answer:
        others = () if question.here else self._peers
        found = await asyncio.gather(self._here(question), *(self._there(node, question) for node in others))
        rows = sorted((row for part in found for row in part["rows"]), key=lambda row: str(row["id"]))
        return {
            "queues": [queue for part in found for queue in part["queues"]],
            "rows": rows[: question.wanted.limit], "nodes": sorted([self._node, *self._peers]),
        }

    async def _here(self, question: Question) -> Answer:
        present = await self._queues.present()
        if question.do == "retry-all":
            log.info("%s has everything tried again", question.who or "somebody")
        work = self._looked if question.do == "list" else self._tried
        parts = await asyncio.gather(*(
            work(of, queue, question) for of, queue in present.items() if question.node in {"", self._node, of}
        ))
        return {"queues": [part["queue"] for part in parts], "rows": [row for part in parts for row in part["rows"]]}

    async def _there(self, node: str, question: Question) -> Answer:
        try:
            told = await self._ask_peer(node, question.passed_on())
            return {"queues": list(told["queues"]), "rows": list(told["rows"])}
        except (Silent, LookupError, TypeError) as why:
            silent = [_queue(node, node, error=str(why), silent=True)]
            return {"queues": silent if question.node in {"", node} else [], "rows": []}

    async def _looked(self, of: str, queue: Postfix, question: Question) -> Answer:
        selection = Selection(question.wanted)
        try:
            cut = not await queue.look(selection)
        except Unreadable as why:
            return {"queue": _queue(self._node, of, error=str(why)), "rows": []}
        rows = [{**row, "at": self._node, "of": of} for row in selection.rows()]
        return {"queue": _queue(self._node, of, dict(selection.counts), selection.matching, cut=cut), "rows": rows}

    async def _tried(self, of: str, queue: Postfix, _question: Question) -> Answer:
        try:
            await queue.retry_all()
        except Unreadable as why:
            return {"queue": _queue(self._node, of, error=str(why)), "rows": []}
        return {"queue": _queue(self._node, of), "rows": []}

    # --- some messages --------------------------------------------------------------------------------------------
    async def _of_messages(self, question: Question) -> Answer:
        queue = (await self._queues.present()).get(question.of)
        if not queue:
            raise Refused(f"{self._node} does not work on the queue of {question.of}")
        if question.do == "headers":
            return {"headers": (await queue.headers(question.ids[0])).decode(errors="replace")}
        done = await self._changed(queue, question)
        log.info(
            "%s: %s of %s in the queue of %s: %s", question.who or "somebody", question.do, len(done), question.of,
            " ".join(done),
        )
        return {"done": done}

    @staticmethod
    async def _changed(queue: Postfix, question: Question) -> list[str]:
        if question.do == "retry":
            return await queue.retry(question.ids)
        done = await queue.change(question.do, question.ids)
        if question.do == "release":
            await queue.retry(done)  # else they would wait for their turn
        return done


def _queue(
    at: str, of: str, counts: dict[str, int] | None = None, matching: int = 0, *, error: str = "", silent: bool = False,
    cut: bool = False,
) -> Answer:
    return {
        "at": at, "of": of, "counts": counts or {}, "matching": matching, "error": error, "silent": silent, "cut": cut,
    }
