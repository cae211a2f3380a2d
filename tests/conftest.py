"""Tests compare English sentences, whatever the language of the machine, and take the time that a busy one needs.

Two processes share them (`make test`), file by file: what needs machines or real daemons goes to one of them, in turn.
"""

import os
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

os.environ["LANGUAGE"] = "en"
settings.register_profile("relevo", deadline=None)
settings.load_profile("relevo")


class InTurn(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return super()._split_scope(nodeid) if nodeid.startswith("tests/unit/") else "machines"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> InTurn:
    return InTurn(config, log)
