"""What a drill is: a name to call it by, a title and the promise that it proves, and the function that tries it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from relevo.drills.vocabulary import World


@dataclass(frozen=True)
class Drill:
    """One acceptance drill. `run` records its checks in the world that it gets; it leaves nothing broken behind.

    `long`: it takes more than ten minutes, and is run only by its name.
    """

    name: str
    title: str
    promise: str
    run: Callable[[World], None]
    long: bool = False
