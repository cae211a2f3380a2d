"""Every job that the web offers can be done, by whom it is for and by nobody else, over a failover too.

Given administrators of everything and of one domain, two owners of mailboxes, and somebody who is nobody, each with a
browser,
when each job of the pages is done once, what somebody may not do is tried, and the active node loses power while forms
are half filled in (outside a lab: hands over),
then each has its effect, as the API, mail programs and mail that arrives tell, and nothing else has changed.
"""

from __future__ import annotations

from relevo.drills.browser import CHROMIUM, browser, shoot
from relevo.drills.drill import Drill
from relevo.drills.jobs.catalogue import JOBS, carry_out
from relevo.drills.jobs.job import Job
from relevo.drills.jobs.office import Office
from relevo.drills.jobs.over_the_platform import OverThePlatform
from relevo.drills.jobs.setting import furnished
from relevo.drills.mending import whole_again
from relevo.drills.vocabulary import World
from relevo.errors import RelevoError
from relevo.i18n import _

_MOST_TEXT = 500  # of a page that is quoted, in characters


def run(world: World) -> None:
    """Do each."""
    if not CHROMIUM.exists():
        world.recorder.not_run(_("jobs"), _("Chromium is not installed here (apt install chromium)"))
        return
    world.until_healthy()
    with browser(world) as chromium, furnished(OverThePlatform(world), chromium) as office:
        for job in JOBS:
            _try(world, office, job)
    whole_again(world, _("jobs"))


def _try(world: World, office: Office, job: Job) -> None:
    with world.checking(
        job.title, tried=_("do it in a browser"), expected=_("it is done, as can be seen without that page"),
    ) as check:
        try:
            check.saw(carry_out(office, job.run), good=True)
        except RelevoError:
            for desk in office.desks:
                shoot(world, desk.page, f"{job.title}: {desk.path}")
            check.noted = tuple(f"{desk.path}: {' '.join(desk.text().split())[:_MOST_TEXT]}" for desk in office.desks)
            raise


DRILL = Drill(
    "jobs", _("Every job on the web"),
    _("Every job that the web offers can be done, by whom it is for and by nobody else, over a failover too."), run,
)
