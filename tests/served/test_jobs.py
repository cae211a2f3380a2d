"""Every job of the pages, done in a real browser at a whole site on loopback; those that need mail are the lab's.

For whoever works on the pages: `.venv/bin/python -m pytest tests/served`. `make test` does all of them in the lab, by
the drill `jobs`, and not here again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from relevo.drills.browser import CHROMIUM, FLAGS
from relevo.drills.jobs.catalogue import JOBS, carry_out
from relevo.drills.jobs.job import Job
from relevo.drills.jobs.office import Office
from relevo.drills.jobs.setting import furnished
from tests.served.place import served

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed (tools/bootstrap does it)")

PATIENCE_MS = 120_000.0  # a machine that runs all tests at once is slow
HERE = [job for job in JOBS if not job.needs_mail]


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Iterator[Office]:
    folder: Path = tmp_path_factory.mktemp("served")
    with pytest.MonkeyPatch.context() as patch, served(folder) as place, sync_playwright() as playwright:
        patch.setattr("relevo.drills.browser._PATIENCE_MS", PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        with furnished(place, browser) as made:
            yield made
        browser.close()
        left = place.relevo(["domain", "show", "--format", "json"]), place.relevo(["admin", "list", "--format", "json"])
        assert "drill-" not in "".join(left)


@pytest.mark.parametrize("job", HERE, ids=[job.title for job in HERE])
def test_job(office, job: Job):
    assert carry_out(office, job.run)
