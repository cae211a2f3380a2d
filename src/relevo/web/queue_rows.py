"""A waiting message as the page shows it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from relevo.directory.queue.messages import Message
from relevo.directory.queue.reasons import Explanation, explain
from relevo.web.section import moment

_STATES = {
    "incoming": (_("incoming"), _("It has just come, or been tried again, and is next.")),
    "active": (_("active"), _("It is being delivered now.")),
    "deferred": (_("deferred"), _("It is tried again by itself, less and less often.")),
    "hold": (_("on hold"), _("It stays until somebody releases or deletes it.")),
}
_MINUTE = timedelta(minutes=1)
_SHOWN = 3  # addresses with the same reason, and reasons, of a row in the list


class Why(NamedTuple):
    """A reason and who it is for."""

    addresses: list[str]
    more: int
    words: str
    said: Explanation


class Row:
    """One row; with `whole` everybody it is for."""

    def __init__(self, message: Message, *, whole: bool = False) -> None:
        self.message, self._whole = message, whole
        self.state, self.state_hint = state_name(message.state), _STATES.get(message.state, ("", ""))[1]
        self.since, self.when = _age(message.arrived), moment(message.arrived)
        self.size = filesizeformat(message.size)

    @property
    def place(self) -> str:
        """Where it is."""
        if self.message.adopted_by:
            return _("{node}, adopted by {other}").format(node=self.message.node, other=self.message.adopted_by)
        return self.message.node

    @property
    def whys(self) -> list[Why]:
        """Why it waits, each reason once with all whom it concerns."""
        by_words: dict[str, list[str]] = {}
        for recipient in self.message.recipients:
            by_words.setdefault(recipient.reason, []).append(recipient.address)
        found = [self._why(words, addresses) for words, addresses in by_words.items()]
        return found if self._whole else found[:_SHOWN]

    @property
    def is_explained(self) -> bool:
        """Whether somebody has given a reason."""
        return any(recipient.reason for recipient in self.message.recipients)

    @property
    def others(self) -> str:
        """How many are not shown, and why."""
        more, elsewhere = self.message.more, self.message.elsewhere
        said = [_("and {count} more").format(count=more)] if more else []
        said += [_("and {count} in other domains").format(count=elsewhere)] if elsewhere else []
        return ", ".join(said)

    def _why(self, words: str, addresses: list[str]) -> Why:
        shown = addresses if self._whole else addresses[:_SHOWN]
        return Why(shown, len(addresses) - len(shown), words, explain(words))


def _age(arrived: datetime) -> Any:
    young = timezone.now() - arrived < _MINUTE
    return _("less than a minute") if young else timesince(arrived, depth=1)


def state_name(state: str) -> Any:
    """Return what a state is called."""
    return _STATES.get(state, (state, ""))[0]
