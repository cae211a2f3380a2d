"""What a virtual IP of IPv6 changes in the files of a node: the differences are golden, those of no other file may be.

`RELEVO_GOLDEN=write` writes them anew.
"""

from __future__ import annotations

import os
from difflib import unified_diff

import pytest

from relevo.services import SERVICES
from relevo.services.base import Context
from tests.unit.services.golden import GOLDEN

# rendered with keys that only real secrets have: see the tests of those two
APART = {"agent", "bind"}


def texts(ctx: Context) -> dict[str, list[str]]:
    wanted = (service for service in SERVICES if service.runs_on(ctx.cluster, ctx.node))
    files = (file for service in wanted if service.name not in APART for file in service.render(ctx))
    return {file.path: file.data.decode().splitlines() for file in files}


@pytest.mark.parametrize("node", ["mail01", "mail02", "storage01"])
def test_what_is_different(context, context6, node: str):
    without, with_it = texts(context(node)), texts(context6(node))
    assert without.keys() == with_it.keys()
    lines = [
        line
        for path in sorted(without)
        for line in unified_diff(without[path], with_it[path], path, path, n=0, lineterm="")
    ]
    stored = GOLDEN / "ipv6" / f"{node}.diff"
    if os.environ.get("RELEVO_GOLDEN") == "write":
        stored.parent.mkdir(exist_ok=True)
        stored.write_text("".join(f"{line}\n" for line in lines))
    assert lines == stored.read_text().splitlines()
