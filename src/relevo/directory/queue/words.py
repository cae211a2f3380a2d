"""What became of a change of messages, in sentences for people."""

from __future__ import annotations

from relevo.directory.queue.changing import DELETE, HOLD, RELEASE, RETRY, Outcome
from relevo.i18n import ngettext


def sentences(outcome: Outcome) -> list[str]:
    """Return what was done, and of what was not, why."""
    done, left, gone = len(outcome.done), len(outcome.left), len(outcome.gone)
    said = [_done(outcome.do, done)] if done else []
    if left:
        said.append(_left(outcome.do, left))
    if gone:
        said.append(
            ngettext("{count} is no longer in a queue: it was delivered, returned or deleted.",
                     "{count} are no longer in a queue: they were delivered, returned or deleted.", gone)
            .format(count=gone)
        )
    return [*said, *outcome.troubles]


def _done(do: str, count: int) -> str:
    texts = {
        RETRY: ngettext("{count} message is being tried now.", "{count} messages are being tried now.", count),
        HOLD: ngettext("{count} message is on hold.", "{count} messages are on hold.", count),
        RELEASE: ngettext("{count} message is released and being tried now.",
                          "{count} messages are released and being tried now.", count),
        DELETE: ngettext("{count} message is deleted.", "{count} messages are deleted.", count),
    }
    return texts[do].format(count=count)


def _left(do: str, count: int) -> str:
    texts = {
        RETRY: ngettext("{count} is on hold and waits for its release.",
                        "{count} are on hold and wait for their release.", count),
        HOLD: ngettext("{count} was on hold already.", "{count} were on hold already.", count),
        RELEASE: ngettext("{count} was not on hold.", "{count} were not on hold.", count),
    }
    return texts[do].format(count=count)
