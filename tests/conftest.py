"""Tests compare English sentences, whatever the language of the machine, and take the time that a busy one needs.

Two processes share them by files (`make test`): those that need machines or real daemons go one after the other, last.
"""

import os
from pathlib import Path

import pytest
from hypothesis import settings

UNIT = Path(__file__).parent / "unit"
os.environ["LANGUAGE"] = "en"
settings.register_profile("relevo", deadline=None)
settings.load_profile("relevo")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.xdist_group(item.path.stem if item.path.is_relative_to(UNIT) else "machines"))
