"""What a job is: what is done, by whom, and the function that does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from relevo.drills.jobs.office import Office


@dataclass(frozen=True)
class Job:
    """One job. `run` does it, looks for its effect, and returns what it saw; it raises RelevoError when it is not so.

    `needs_mail`: its effect is mail that arrives or does not.
    """

    title: str
    run: Callable[[Office], str]
    needs_mail: bool = False
