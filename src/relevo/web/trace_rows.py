"""A trace, and a step of one, as the pages show them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from relevo.directory.queue.reasons import Explanation
from relevo.directory.trace.traces import Recipient, Step, Trace
from relevo.directory.trace.words import explained, reason, result_name, sentence

_SHOWN = 3  # recipients of a row in the list
_GOOD = frozenset({"delivered"})
_WAITING = frozenset({"deferred", "queued", ""})


class Result(NamedTuple):
    """What became of it: its name, and `good`, `waiting` or `bad` for its looks."""

    name: str
    looks: str


class To(NamedTuple):
    """A recipient, and what became of the message for this one."""

    recipient: Recipient
    result: Result
    said: Explanation


class Row:
    """A trace."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.when = at(trace.began)
        self.size = filesizeformat(trace.size) if trace.size else ""

    @property
    def sender(self) -> str:
        """Who has sent it."""
        if self.trace.sender is None:
            return _("unknown sender")
        return self.trace.sender or _("bounce (empty sender)")

    @property
    def login(self) -> str:
        """Who had logged in, if that is not the sender."""
        user = self.trace.user
        return _("logged in as {user}").format(user=user) if user and user != self.trace.sender else ""

    @property
    def results(self) -> list[Result]:
        """What became of it."""
        return [result(one) for one in self.trace.results]

    @property
    def some(self) -> list[To]:
        """The first recipients."""
        return self.everybody[:_SHOWN]

    @property
    def everybody(self) -> list[To]:
        """All recipients."""
        return [To(one, result(one.result), reason(one)) for one in self.trace.recipients]

    @property
    def others(self) -> str:
        """How many are not shown, and why."""
        more = max(0, len(self.trace.recipients) - _SHOWN)
        said = [_("and {count} more").format(count=more)] if more else []
        return ", ".join([*said, *self.strangers])

    @property
    def strangers(self) -> list[str]:
        """How many there are that are none of the reader's business."""
        elsewhere = self.trace.elsewhere
        return [_("and {count} in other domains").format(count=elsewhere)] if elsewhere else []


class StepRow:
    """A step."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.text, self.said = sentence(step), explained(step)
        self.when = at(step.at)
        self.again = _("{count} times, the last at {when}").format(count=step.count, when=at(step.until)) if (
            step.count > 1
        ) else ""

    @property
    def answer(self) -> str:
        """The words of the server that has refused it or put it off."""
        return self.step.told.get("answer", "") if self.step.kind in {"rejected", "deferred", "bounced"} else ""


def at(moment: datetime) -> str:
    """Return a date and time to the second, in the platform's time zone, which is named."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S %Z}"


def result(name: str) -> Result:
    """Return what a result looks like."""
    looks: Any = "good" if name in _GOOD else "waiting" if name in _WAITING else "bad"
    return Result(result_name(name), looks)
