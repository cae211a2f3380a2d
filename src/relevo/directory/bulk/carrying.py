"""Carrying a plan out: some rows a transaction, since Galera sends a transaction whole; run again, it goes on.

Passwords are hashed by all processors meanwhile: that is what an import costs, some 25 ms of a processor each.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby, islice

from relevo.directory import hooks, mailboxes, passwords
from relevo.directory.addresses import own_address
from relevo.directory.bulk.kinds import MAILBOXES, Kind
from relevo.directory.bulk.planning import Plan, Step
from relevo.directory.bulk.text import Mistake
from relevo.directory.database import changing
from relevo.directory.mailboxes import New
from relevo.errors import DirectoryError
from relevo.i18n import _

BATCH = 50  # rows a transaction: a fraction of a second
_PLAIN = frozenset({"name", "quota_mb", "enabled"})


@dataclass
class Outcome:
    """What was done; `refused` were rows that the directory has not taken after all, the others stand."""

    added: int = 0
    changed: int = 0
    refused: list[Mistake] = field(default_factory=list)

    @property
    def done(self) -> int:
        """How many rows were carried out."""
        return self.added + self.changed


def carry_out(
    plan: Plan, *, within: float | None = None, tell: Callable[[Outcome], None] = lambda _outcome: None
) -> Outcome:
    """Do what a plan says.

    Args:
        plan: one without mistakes.
        within: seconds after which no further rows are begun; None: all are done.
        tell: called after each transaction with what is done so far.

    Raises:
        DirectoryError: the database does not do it now; says how much stands.
    """
    if plan.mistakes:
        raise DirectoryError(_("the table has mistakes: nothing was done"))
    outcome, until = Outcome(), time.monotonic() + (within if within is not None else float("inf"))
    with ThreadPoolExecutor(os.cpu_count()) as pool, hooks.many():
        for steps, hashes in _hashing_ahead(pool, plan.steps):
            try:
                added, changed, refused = _do(plan.kind, steps, [hashed.result() for hashed in hashes])
            except DirectoryError as error:
                raise DirectoryError(
                    _("{reason}. Rows that are done and stand: {count}. Do the same again, and it goes on from there")
                    .format(reason=error, count=outcome.done)
                ) from error
            outcome.added, outcome.changed = outcome.added + added, outcome.changed + changed
            outcome.refused += refused
            tell(outcome)
            if time.monotonic() > until:
                break
    return outcome


def _hashing_ahead(
    pool: ThreadPoolExecutor, steps: Sequence[Step]
) -> Iterator[tuple[list[Step], list[Future[str]]]]:
    """Yield some rows at a time with their hashes, while those of the next ones are being made."""
    ready = None
    for batch in _batches(steps):
        coming = batch, [pool.submit(_hashed, step) for step in batch]
        if ready:
            yield ready
        ready = coming
    if ready:
        yield ready


def _batches(steps: Sequence[Step]) -> Iterator[list[Step]]:
    left = iter(steps)
    while batch := list(islice(left, BATCH)):
        yield batch


def _hashed(step: Step) -> str:
    given = step.values.get("password")
    return "" if not given else given if passwords.is_ready_hash(given) else passwords.hash_password(given)


@changing
def _do(kind: Kind, steps: Sequence[Step], hashes: Sequence[str]) -> tuple[int, int, list[Mistake]]:
    """Do some rows in one transaction; one that is refused leaves nothing, the others stand."""
    added, changed, refused = 0, 0, []
    for together, rows in groupby(zip(steps, hashes, strict=True), lambda row: _is_plain(kind, row[0])):
        several = list(rows)
        if together and _all_at_once(several):
            added += len(several)
            continue
        for step, hashed in several:
            try:
                _do_one(kind, step, hashed)
            except DirectoryError as error:
                refused.append(Mistake(step.line, "", str(error)))
            else:
                added, changed = added + step.new, changed + (not step.new)
    return added, changed, refused


def _is_plain(kind: Kind, step: Step) -> bool:
    """Tell whether a row is a new mailbox from which nothing goes on: such ones can be added several at once."""
    wanted = step.values
    return kind is MAILBOXES and step.new and not wanted.get("forward") and wanted.get("keep_copy") is not False


def _all_at_once(rows: Sequence[tuple[Step, str]]) -> bool:
    """Add several plain mailboxes; False when one of them can't be, and none was."""
    given = ((step, hashed, {key: step.values[key] for key in _PLAIN & step.values.keys()}) for step, hashed in rows)
    try:
        mailboxes.add_all([New(own_address(step.address), hashed, **values) for step, hashed, values in given])
    except DirectoryError:
        return False
    return True


def _do_one(kind: Kind, step: Step, hashed: str) -> None:
    values = {key: value for key, value in step.values.items() if key not in {"address", "password"}}
    if not step.new:
        kind.change(step.address, **values)
    elif hashed:
        kind.add(step.address, hashed, **values)
    else:
        kind.add(step.address, **values)
