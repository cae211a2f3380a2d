"""From a question to the answer of both nodes; relevo-queue-control does that, whose way to the other node is used.

    {"traces": [...], "nodes": [{"node", "silent", "error", "cut", "since", "behind"}, ...], "next": [at, key] or null}

A trace is as `relevo.trace.joining.told` tells it. A node that does not answer is named with `silent`: what it has seen
is not among the traces then, or only as far as the other node has seen it, too.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from relevo.trace.joining import Trace, told, traces
from relevo.trace.parts import Part, part
from relevo.trace.questions import MOST_KEYS, MOST_ROWS, Refused, Wanted, wanted
from relevo.trace.rights import cut

Answer: TypeAlias = dict[str, Any]
Ask: TypeAlias = Callable[[str, Answer], Awaitable[Answer]]  # a node, and what it is asked
Place: TypeAlias = tuple[int, str]
_TURNS = 6  # so often older messages are looked for until a page is full
_ROUNDS = 5  # so often a way goes on at the other node
_PAGE_SECONDS = 6.0
_SPARE = 10
_LONGEST_ANSWER = 1 << 24  # bytes
_SECONDS = 10.0


class NoAnswer(Exception):  # noqa: N818 - the state, as whoever asks reads it
    """A node, or what keeps its index, does not answer."""


class Search:
    """One search in the indexes of all mail nodes."""

    def __init__(self, nodes: Sequence[str], ask: Ask) -> None:
        """Take the mail nodes' names, and what asks one of them; it raises NoAnswer."""
        self._nodes, self._ask = nodes, ask
        self._told: dict[str, Answer] = {
            node: {"node": node, "silent": False, "error": "", "cut": False, "since": 0, "behind": 0} for node in nodes
        }
        self._parts: dict[tuple[str, str], Part] = {}
        self._asked: dict[str, set[str]] = {node: set() for node in nodes}

    async def answer(self, given: object) -> Answer:
        """Return what fits; raise Refused when it can't be looked for."""
        looked_for = wanted(given)
        found, goes_on = await self._page(looked_for)
        shown = sorted(found, key=lambda one: one[0], reverse=True)[: looked_for.limit]
        if len(found) > len(shown):
            goes_on = shown[-1][0]
        made = [told(trace, whole=looked_for.whole or looked_for.domains is not None) for _place, trace in shown]
        return {
            "traces": [_bare(one, whole=looked_for.whole) for one in _allowed(made, looked_for)],
            "nodes": list(self._told.values()), "next": goes_on,
        }

    async def _page(self, looked_for: Wanted) -> tuple[list[tuple[Place, Trace]], Place | None]:
        """Return at least a page of traces with their places, and where older ones are looked for; None: nowhere."""
        found: dict[str, tuple[Place, Trace]] = {}
        before = looked_for.before
        ends = time.monotonic() + _PAGE_SECONDS
        for _turn in range(_TURNS):
            places, horizon = await self._candidates(replace(looked_for, before=before))
            await self._complete({key for _at, key in places})
            for trace in await asyncio.to_thread(traces, list(self._parts.values())):
                place = trace.place(looked_for)
                if place and (not looked_for.before or place < looked_for.before) and (not horizon or place >= horizon):
                    found[trace.id] = place, trace
            before = horizon
            if not horizon or len(found) > looked_for.limit or time.monotonic() > ends:
                break
        return list(found.values()), before

    async def _candidates(self, looked_for: Wanted) -> tuple[set[Place], Place | None]:
        """Return where the newest messages stand that fit, and from where on there may be others."""
        most = min(looked_for.limit + _SPARE, MOST_ROWS)
        answers = await self._everywhere({"do": "find", "wanted": _as_told(looked_for, most)}, self._nodes)
        places: set[Place] = set()
        horizon: Place | None = None
        for node, answer in answers.items():
            rows = [(int(at), str(key)) for at, key in answer.get("found", [])]
            self._told[node] |= {name: answer.get(name, 0) for name in ("cut", "since", "behind")}
            places.update(rows)
            if len(rows) >= most:
                horizon = max(horizon or rows[-1], rows[-1])
        return {place for place in places if not horizon or place >= horizon}, horizon

    async def _complete(self, keys: Iterable[str]) -> None:
        """Have all nodes tell what they know of messages, and of where these came from and went on."""
        ahead = set(keys)
        for _round in range(_ROUNDS):
            asked = {node: sorted(ahead - self._asked[node])[:MOST_KEYS] for node in self._nodes}
            if not any(asked.values()):
                return
            answers = await asyncio.gather(*(
                self._everywhere({"do": "gather", "keys": some}, [node]) for node, some in asked.items() if some
            ))
            for answer in answers:
                for node, one in answer.items():
                    self._asked[node].update(asked[node])
                    ahead |= await asyncio.to_thread(self._add, node, one.get("parts", []))

    def _add(self, node: str, parts: list[Answer]) -> set[str]:
        """Keep parts; return all keys that they name."""
        names: set[str] = set()
        for one in parts:
            made = part(node, one)
            self._parts[node, made.key] = made
            self._asked[node].add(made.key)
            names |= {made.key, *made.links}
        return names

    async def _everywhere(self, question: Answer, nodes: Iterable[str]) -> dict[str, Answer]:
        heard = [node for node in nodes if not self._told[node]["silent"]]
        answers = await asyncio.gather(*(self._one(node, question) for node in heard))
        return {node: answer for node, answer in zip(heard, answers, strict=True) if answer is not None}

    async def _one(self, node: str, question: Answer) -> Answer | None:
        try:
            answer = await self._ask(node, question)
        except NoAnswer as why:
            self._told[node] |= {"silent": True, "error": str(why)}
            return None
        if "refused" in answer:
            self._told[node] |= {"silent": True, "error": str(answer["refused"])}
            return None
        return answer


async def ask_index(path: str, question: Answer) -> Answer:
    """Ask relevo-trace of this node at its socket; raise NoAnswer when it does not answer."""
    try:
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_unix_connection(path, limit=_LONGEST_ANSWER)
            try:
                writer.write(json.dumps(question).encode() + b"\n")
                answer = json.loads(await reader.readuntil(b"\n"))
            finally:
                writer.transport.abort()
    except TimeoutError:
        raise NoAnswer("its index does not answer in time") from None
    except (OSError, ValueError, EOFError, asyncio.LimitOverrunError) as error:
        raise NoAnswer(f"relevo-trace: {getattr(error, 'strerror', '') or error}") from None
    if not isinstance(answer, dict):
        raise NoAnswer("relevo-trace: not an answer")
    return answer


def _as_told(looked_for: Wanted, limit: int) -> Answer:
    told = {name: value for name, value in vars(looked_for).items() if value and name != "whole"}
    if looked_for.domains is not None:
        told["domains"] = sorted(looked_for.domains)
    return {**told, "limit": limit}


def _allowed(made: list[Answer], looked_for: Wanted) -> list[Answer]:
    if looked_for.domains is None:
        return made
    return [seen for one in made if (seen := cut(one, looked_for.domains))]


def _bare(trace: Answer, *, whole: bool) -> Answer:
    return trace if whole else {**trace, "steps": []}


__all__ = ["NoAnswer", "Refused", "Search", "ask_index"]
