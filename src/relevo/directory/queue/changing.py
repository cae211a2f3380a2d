"""What is done with messages in the mail queues: each change leaves an audit entry.

The queues are no part of the database, so a change of them is made first and noted then; relevo-queue-control leaves a
line in its node's journal in any case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from relevo.directory import audit
from relevo.directory.database import changing
from relevo.directory.models import ADDRESS_LENGTH, Administrator, Domain
from relevo.directory.queue.asking import Filters, asked, checked, listing
from relevo.directory.queue.messages import Message, queue
from relevo.errors import DirectoryError, QueueError, UnavailableError
from relevo.i18n import _
from relevo.queue.questions import CHANGES

RETRY, HOLD, RELEASE, DELETE = CHANGES


@dataclass(frozen=True)
class Outcome:
    """What became of the messages that something was to be done with."""

    do: str
    done: Sequence[Message]
    left: Sequence[Message]  # as they were: on hold already, or not on hold
    gone: Sequence[str]  # ids that no queue has: delivered meanwhile, or deleted
    troubles: Sequence[str]


def act(administrator: Administrator | None, do: str, ids: Iterable[str]) -> Outcome:
    """Do something with messages that an administrator sees: RETRY, HOLD, RELEASE or DELETE.

    Each one that it was done with leaves an audit entry. Raises QueueError when nothing could be done since a queue
    could not be reached.
    """
    if not (numbers := checked(ids)):
        raise DirectoryError(_("choose at least one message"))
    seen = listing(administrator, Filters(ids=tuple(numbers), limit=len(numbers)))
    missing = set(numbers) - {one.id for one in seen.messages}
    left = [one for one in seen.messages if not _may_help(do, one)]
    work = _Work(troubles=seen.troubles if missing else [])
    for place, group in groupby(sorted((one for one in seen.messages if one not in left), key=_place), key=_place):
        work.carry_out(do, place, list(group))
    if work.troubles and not work.done:
        raise QueueError(" ".join(work.troubles))
    _noted(do, work.done)
    gone = [*work.gone, *(missing if seen.is_whole else ())]
    return Outcome(do, work.done, left, sorted(gone), work.troubles)


def retry_all(administrator: Administrator | None) -> list[str]:
    """Have everything tried now, on both nodes; return the sentences of those where that failed."""
    if administrator and not administrator.is_global:
        raise DirectoryError(_("only global administrators have everything tried again: choose messages"))
    told = asked({"do": "retry-all", "who": _who()})
    found = [queue(one) for one in told["queues"]]
    troubles = [
        _("{node} could not do that ({reason}): see `relevo status`").format(node=one.at, reason=one.error)
        for one in found if one.error
    ]
    if len(troubles) == len(found):
        raise QueueError(" ".join(troubles))
    _note_all()
    return troubles


@dataclass
class _Work:
    """What has been done so far, one queue after the other."""

    troubles: list[str]
    done: list[Message] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def carry_out(self, do: str, place: tuple[str, str], group: Sequence[Message]) -> None:
        at, of = place
        try:
            told = asked({"do": do, "ids": [one.id for one in group], "at": at, "of": of, "who": _who()})
        except QueueError as error:
            self.troubles.append(str(error))
            return
        known = set(told["done"])
        self.done += [one for one in group if one.id in known]
        self.gone += [one.id for one in group if one.id not in known]


def _may_help(do: str, found: Message) -> bool:
    """Tell whether something comes of it: what is on hold is not tried, only what is on hold is released."""
    return (found.state == "hold") is (do == RELEASE) or do == DELETE


def _place(found: Message) -> tuple[str, str]:
    return found.at, found.node


def _who() -> str:
    return (audit.actor.get() or audit.system_user())[:200]


def _noted(do: str, done: Sequence[Message]) -> None:
    """Write the audit entries of what has been done already; say so when they can't be written."""
    if not done:
        return
    try:
        _note(do, done)
    except UnavailableError as error:
        raise QueueError(
            _("it is done, but the audit log has no entry of it ({reason}); the journal of "
              "relevo-queue-control.service on {nodes} has one")
            .format(reason=error, nodes=", ".join(sorted({one.at for one in done})))
        ) from None


@changing
def _note(do: str, done: Sequence[Message]) -> None:
    """Note each message under each of our domains that it concerns, with what that domain's administrators may see."""
    names = {_domain(address) for one in done for address in _addresses(one)}
    ours = set(Domain.objects.filter(name__in=names).values_list("name", flat=True))
    for one in done:
        for subject, recipients in _concerned(one, ours):
            audit.record(
                f"queue.{do}", subject, id=one.id, node=one.node, sender=one.sender, recipients=recipients,
                **({"adopted_by": one.at} if one.adopted_by else {}), **({"more": one.more} if one.more else {}),
            )


@changing
def _note_all() -> None:
    audit.record("queue.retry_all", "*")


def _concerned(found: Message, ours: set[str]) -> list[tuple[str, list[str]]]:
    """Return the addresses of ours that a message concerns, one of each domain, with the recipients that go with it."""
    everybody = [recipient.address for recipient in found.recipients]
    entries: dict[str, tuple[str, list[str]]] = {}
    for address in _addresses(found):
        name = _domain(address)
        if name in ours and name not in entries:
            own = everybody if address == found.sender else [one for one in everybody if _domain(one) == name]
            entries[name] = address.lower()[:ADDRESS_LENGTH], own
    return list(entries.values()) or [((found.sender or next(iter(everybody), found.id))[:ADDRESS_LENGTH], everybody)]


def _addresses(found: Message) -> list[str]:
    return [found.sender, *(recipient.address for recipient in found.recipients)]


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
