"""What became of a decision about posts, in sentences for people."""

from __future__ import annotations

from relevo.directory.held.deciding import Outcome
from relevo.directory.held.posts import APPROVED, REFUSED
from relevo.i18n import ngettext


def sentences(outcome: Outcome) -> list[str]:
    """Return what was done, and of what was not, why."""
    said = [_done(outcome.do, done)] if (done := len(outcome.done)) else []
    if outcome.do == REFUSED and (silent := done - len(outcome.answered)):
        said.append(
            ngettext("The sender of {count} was not told: nobody vouches that it is from there.",
                     "The senders of {count} were not told: nobody vouches that they are from there.", silent)
            .format(count=silent)
        )
    if busy := len(outcome.busy):
        said.append(
            ngettext("Somebody else decides about {count} just now.", "Somebody else decides about {count} just now.",
                     busy).format(count=busy)
        )
    if gone := len(outcome.gone):
        said.append(
            ngettext("{count} does not wait any more: somebody has decided, or its days are over.",
                     "{count} do not wait any more: somebody has decided, or their days are over.", gone)
            .format(count=gone)
        )
    return [*said, *dict.fromkeys(outcome.troubles)]


def _done(do: str, count: int) -> str:
    if do == APPROVED:
        return ngettext(
            "{count} post is on its way to the members.", "{count} posts are on their way to the members.", count
        ).format(count=count)
    if do == REFUSED:
        return ngettext("{count} post is refused.", "{count} posts are refused.", count).format(count=count)
    return ngettext("{count} post is deleted.", "{count} posts are deleted.", count).format(count=count)
