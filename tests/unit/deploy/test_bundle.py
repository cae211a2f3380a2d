"""What a node gets of Python: the operator's packages, whatever the Python of both."""

from __future__ import annotations

from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement

from relevo.deploy import bundle
from relevo.services.releases import KNOWN

PYTHONS = sorted({programs.python for programs in KNOWN.values()})


@pytest.mark.parametrize("python", PYTHONS)
def test_every_python_of_a_node_needs_the_same_packages(python: str) -> None:
    """The operator's own packages are sent: one that only another Python wants would be missing there, or too many."""
    sent = {pinned.partition("==")[0] for pinned in bundle.requirements()}
    assert _needed("relevo", python) - {"relevo"} == sent


def _needed(name: str, python: str) -> set[str]:
    found, waiting = set(), [name]
    while waiting:
        found.add(name := waiting.pop())
        for text in requires(name) or ():
            need = Requirement(text)
            there = {"extra": "", "python_version": python, "python_full_version": f"{python}.0"}
            key = need.name.lower().replace("_", "-")
            if key not in found and (need.marker is None or need.marker.evaluate(there)):
                waiting.append(key)
    return found
