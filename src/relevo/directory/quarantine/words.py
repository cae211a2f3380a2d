"""Why copies were refused, and what became of a change of them, in words for people."""

from __future__ import annotations

import re

from relevo.directory.quarantine.changing import Outcome
from relevo.directory.quarantine.copies import ATTACHMENT, FORGED, RELEASED, SPAM, Copy
from relevo.i18n import _, ngettext

_NAME = re.compile(r"[^,\s]+\.\w+$")


def kind_name(kind: str) -> str:
    """Return what a kind is called."""
    names = {SPAM: _("spam"), ATTACHMENT: _("forbidden attachment"), FORGED: _("forged sender")}
    return names.get(kind, kind)


def why(found: Copy) -> str:
    """Return the points, or the attachment's name."""
    if found.kind == ATTACHMENT:
        name = _NAME.search(found.said)
        return name[0] if name else found.said
    return _("{score} points").format(score=found.score)


def sentences(outcome: Outcome) -> list[str]:
    """Return what was done, and of what was not, why."""
    said = [_done(outcome.do, done)] if (done := len(outcome.done)) else []
    if left := len(outcome.left):
        said.append(ngettext("{count} was released before.", "{count} were released before.", left).format(count=left))
    if forbidden := len(outcome.forbidden):
        said.append(
            ngettext("{count} holds a program or is forged: only an administrator releases it.",
                     "{count} hold a program or are forged: only an administrator releases them.", forbidden)
            .format(count=forbidden)
        )
    if gone := len(outcome.gone):
        said.append(
            ngettext("{count} is no longer in the quarantine.", "{count} are no longer in the quarantine.", gone)
            .format(count=gone)
        )
    return [*said, *dict.fromkeys(outcome.troubles)]


def _done(do: str, count: int) -> str:
    if do == RELEASED:
        text = ngettext(
            "{count} message is released and on its way.", "{count} messages are released and on their way.", count
        )
        return text.format(count=count)
    return ngettext("{count} message is deleted.", "{count} messages are deleted.", count).format(count=count)
