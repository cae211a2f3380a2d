"""Collect the checks of a drill as they are made. A block that observed nothing has failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from relevo.drills.result import Check, Figure, Picture, Verdict
from relevo.drills.waiting import TROUBLE, NotDelivered, NotHere, describe
from relevo.i18n import _


@dataclass
class Observation:
    """What a check has seen so far; `saw` may be called again, the last call counts."""

    obtained: str = ""
    good: bool = False
    figure: Figure | None = None
    noted: tuple[str, ...] = ()

    def saw(self, obtained: str, *, good: bool, figure: Figure | None = None) -> None:
        """Note what came and whether it is what was expected."""
        self.obtained, self.good, self.figure = " ".join(obtained.split())[:400], good, figure


@dataclass
class Recorder:
    """The checks of one drill; `live` is called with each as soon as it is made."""

    live: Callable[[Check], None] = lambda _: None
    checks: list[Check] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    _notes: list[str] = field(default_factory=list)

    @contextmanager
    def checking(self, name: str, *, tried: str, expected: str) -> Iterator[Observation]:
        """Make one check. Trouble with the other side inside of the block fails it, NotHere leaves it not run."""
        seen = Observation()
        try:
            yield seen
        except NotHere as reason:
            self._add(Check(name, tried, expected, str(reason), Verdict.NOT_RUN))
            return
        except TROUBLE as trouble:
            noted = (*seen.noted, *(trouble.noted if isinstance(trouble, NotDelivered) else ()))
            self._add(Check(name, tried, expected, describe(trouble)[:400], Verdict.FAILED, seen.figure, noted))
            return
        obtained = seen.obtained or _("nothing was observed")
        verdict = Verdict.PASSED if seen.good and seen.obtained else Verdict.FAILED
        self._add(Check(name, tried, expected, obtained, verdict, seen.figure, seen.noted))

    def not_run(self, name: str, reason: str) -> None:
        """Note that something can't be tried here."""
        self._add(Check(name, "-", "-", reason, Verdict.NOT_RUN))

    def failed(self, name: str, what: str) -> None:
        """Note that the drill itself went wrong."""
        self._add(Check(name, "-", "-", what[:400], Verdict.FAILED))

    def picture(self, title: str, png: bytes) -> None:
        """Keep a screenshot for the report."""
        self.pictures.append(Picture(title, png))

    def note(self, *lines: str) -> None:
        """Have these lines beside the check that is being made, whatever comes of it."""
        self._notes += lines

    def _add(self, check: Check) -> None:
        check = replace(check, noted=(*check.noted, *self._notes))
        self._notes = []
        self.checks.append(check)
        self.live(check)
