"""Ask every machine again and again, each in a thread of its own: one that is dead holds up nobody else's word."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Condition, Event, Thread
from typing import Self

from relevo.i18n import _
from relevo.operate.answers import STALE_SECONDS, Said


@dataclass(frozen=True)
class _Word:
    said: Said
    at: float  # on our clock


class Poll:
    """The last word of each machine. Use it as a context manager; the threads end with it, or with the program."""

    def __init__(
        self, names: Iterable[str], ask: Callable[[str], Said], seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the machines, how to ask one (may take its time), and how long to wait between two questions."""
        self._names, self._ask, self._seconds, self._clock = tuple(names), ask, seconds, clock
        self._began = clock()
        self._words: dict[str, _Word] = {}
        self._news, self._end = Condition(), Event()

    def __enter__(self) -> Self:
        for name in self._names:
            Thread(target=self._run, args=(name,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()

    def wait_for_all(self, within: float) -> None:
        """Wait until every machine has said something, at most so long."""
        self.until(lambda _: len(self._words) == len(self._names), within)

    def until(self, condition: Callable[[dict[str, Said]], bool], within: float) -> None:
        """Wait until a condition on what they said is true, at most so long."""
        with self._news:
            self._news.wait_for(lambda: condition(self.said()), within)

    def said(self) -> dict[str, Said]:
        """Return what each machine last said, with its age; or that it says nothing for too long."""
        now = self._clock()
        with self._news:
            return {name: self._fresh(name, self._words.get(name), now) for name in self._names}

    def _fresh(self, name: str, word: _Word | None, now: float) -> Said:
        age = now - (word.at if word else self._began)
        if word and age <= STALE_SECONDS + self._seconds:
            return Said(word.said.whole, word.said.why, age)
        return Said({}, _("{node}: no answer for {seconds:.0f} s").format(node=name, seconds=age))

    def _run(self, name: str) -> None:
        while not self._end.is_set():
            said = self._ask(name)
            with self._news:
                self._words[name] = _Word(said, self._clock())
                self._news.notify_all()
            self._end.wait(self._seconds)
