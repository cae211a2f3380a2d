from __future__ import annotations

from relevo.drills.jobs.catalogue import JOBS


def test_every_job_has_a_title_of_its_own():
    assert len({job.title for job in JOBS}) == len(JOBS) > 50
