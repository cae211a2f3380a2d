"""A copy in the quarantine as a page shows it."""

from __future__ import annotations

from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from relevo.directory.quarantine import words
from relevo.directory.quarantine.asking import INTERRUPTED, UNDER_WAY
from relevo.directory.quarantine.copies import ATTACHMENT, DELETED, FORGED, RELEASED, SPAM, Copy
from relevo.web.section import moment

_HINTS: dict[str, Promise] = {
    SPAM: _("The filter's rules gave it so many points."),
    ATTACHMENT: _("It holds a program, or what starts one at a double click."),
    FORGED: _(
        "The domain in From says that its mail does not come from there (DMARC), or it is our own name from outside."
    ),
}
_STATES: dict[str, Promise] = {
    RELEASED: _("released"),
    DELETED: _("deleted"),
    UNDER_WAY: _("being released"),
    INTERRUPTED: _("its release was interrupted: see whether it has arrived, else release it again"),
}
_SHOWN = 3  # recipients of a row in the list


class Row:
    """One row; with `whole` everybody it was for."""

    def __init__(self, copy: Copy, *, whole: bool = False) -> None:
        self.copy, self._whole = copy, whole
        self.when, self.size = moment(copy.at), filesizeformat(copy.size)
        self.kind, self.hint = words.kind_name(copy.kind), _HINTS.get(copy.kind, "")

    @property
    def why(self) -> str:
        """The points, or the attachment's name."""
        return words.why(self.copy)

    @property
    def recipients(self) -> list[tuple[str, Any]]:
        """Who it was for, each with what became of it."""
        shown = self.copy.recipients if self._whole else self.copy.recipients[:_SHOWN]
        return [(one.address, _STATES.get(one.state, "")) for one in shown]

    @property
    def others(self) -> str:
        """How many are not shown, and why."""
        more = len(self.copy.recipients) - len(self.recipients)
        said = [_("and {count} more").format(count=more)] if more else []
        said += [_("others: {count}").format(count=self.copy.elsewhere)] if self.copy.elsewhere else []
        return ", ".join(said)

    @property
    def is_open(self) -> bool:
        """Whether somebody has not got it yet."""
        return bool(self.copy.open)
