"""Ask several who may be slow at the same time, each with a deadline of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from relevo.errors import RelevoError

_T = TypeVar("_T")


def at_once(*questions: Callable[[], _T]) -> list[_T | RelevoError]:
    """Return what each says, or the RelevoError that it raises; the database is not theirs to ask.

    Sentences are in the language of who asks.
    """
    with ThreadPoolExecutor(len(questions)) as pool:
        asked: list[Future[_T]] = [pool.submit(copy_context().run, question) for question in questions]
        return [*map(_said, asked)]


def _said(one: Future[_T]) -> _T | RelevoError:
    try:
        return one.result()
    except RelevoError as error:
        return error
