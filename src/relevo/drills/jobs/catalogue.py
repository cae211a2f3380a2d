"""All jobs in their order: some need what earlier ones have made. What breaks something comes last."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from playwright.sync_api import Error as BrowserError

from relevo.drills.jobs import (
    addresses,
    administrators,
    domains,
    factors,
    failing_over,
    held_posts,
    mailboxes,
    owners,
    refusals,
    refused_mail,
    seeing,
    signatures,
    tables,
    waiting_mail,
)
from relevo.drills.jobs.job import Job
from relevo.drills.jobs.office import Office
from relevo.errors import DrillError

JOBS: tuple[Job, ...] = (
    *factors.JOBS,  # from then on the global administrator has a second factor
    *domains.JOBS,
    *mailboxes.JOBS,
    *addresses.JOBS,
    *administrators.JOBS,
    *tables.JOBS,
    *signatures.JOBS,
    *waiting_mail.JOBS,
    *refused_mail.JOBS,
    *held_posts.JOBS,
    *owners.JOBS,
    *seeing.JOBS,
    *refusals.JOBS,
    *failing_over.JOBS,
)


def jobs_here(office: Office) -> tuple[Job, ...]:
    """Return those that can be done in a place."""
    return tuple(job for job in JOBS if office.place.has_mail or not job.needs_mail)


def carry_out(office: Office, run: Callable[[Office], str]) -> str:
    """Do one; return what was seen and how long it took. Raise RelevoError when it was not as it should be."""
    begun = monotonic()
    try:
        saw = run(office)
    except BrowserError as error:
        raise DrillError(error.message.splitlines()[0]) from None
    return f"{saw} ({monotonic() - begun:.1f} s)"
