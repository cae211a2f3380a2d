"""A waiting message as the page shows it."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.template.defaultfilters import filesizeformat
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relevo.directory.queue.messages import Message
from relevo.directory.queue.reasons import Explanation, explain
from relevo.web.section import moment

_STATES = {
    "incoming": (gettext_lazy("incoming"), gettext_lazy("It has just come, or been tried again, and is next.")),
    "active": (gettext_lazy("active"), gettext_lazy("It is being delivered now.")),
    "deferred": (gettext_lazy("deferred"), gettext_lazy("It is tried again by itself, less and less often.")),
    "hold": (gettext_lazy("on hold"), gettext_lazy("It stays until somebody releases or deletes it.")),
}
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
        self.since, self.when = timesince(message.arrived, depth=1), moment(message.arrived)
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
    def others(self) -> str:
        """How many are not shown, and why."""
        more, elsewhere = self.message.more, self.message.elsewhere
        said = [_("and {count} more").format(count=more)] if more else []
        said += [_("and {count} in other domains").format(count=elsewhere)] if elsewhere else []
        return ", ".join(said)

    def _why(self, words: str, addresses: list[str]) -> Why:
        shown = addresses if self._whole else addresses[:_SHOWN]
        return Why(shown, len(addresses) - len(shown), words, explain(words))


def state_name(state: str) -> Any:
    """Return what a state is called."""
    return _STATES.get(state, (state, ""))[0]
