"""The third database vote."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from relevo.cluster.wires import galera_timing
from relevo.services.garbd.render import render
from relevo.services.garbd.view import members, parse_members
from relevo.services.mariadb.render import render as render_mariadb
from tests.unit.services.golden import check_golden

VIEW = """\
my_uuid: 83941e79-e829-11f1-b40b-f229595ad1bd
#vwbeg
view_id: 3 83941e79-e829-11f1-b40b-f229595ad1bd 3
bootstrap: 0
member: 83941e79-e829-11f1-b40b-f229595ad1bd 0
member: 872fe8d5-e828-11f1-8f5a-2f14e7bd8ede 0
member: 892fc6bb-e828-11f1-9720-3aac25e2f95a 0
#vwend
"""


def test_files(context):
    check_golden("garbd", context("storage01"))


def test_all_members_have_the_same_clocks(context):
    timing = galera_timing(context("storage01").cluster)
    assert timing in render(context("storage01"))[0].data.decode()
    assert timing in render_mariadb(context("mail01"))[0].data.decode()


@pytest.mark.parametrize("patience", [1, 7.5])
def test_suspicion_is_slower_than_retransmission(context, patience: float):
    """Otherwise two survivors suspect each other, and both lose the majority."""
    cluster = context("storage01").cluster
    cluster = cluster.model_copy(update={"failover": cluster.failover.model_copy(update={"patience": patience})})
    timing = dict(part.split("=") for part in galera_timing(cluster).split(";"))
    assert timing["evs.suspect_timeout"] == f"PT{patience:g}S"
    seconds = {name: float(value[2:-1]) for name, value in timing.items() if value.startswith("PT")}
    assert seconds["evs.join_retrans_period"] < seconds["evs.suspect_timeout"] < seconds["evs.inactive_timeout"]
    assert seconds["evs.keepalive_period"] <= seconds["evs.suspect_timeout"] / 3


def test_view():
    assert parse_members(VIEW) == 3
    assert parse_members("") == 0


def test_an_old_view_counts_for_nothing(tmp_path: Path):
    path = tmp_path / "gvwstate.dat"
    assert members(path, 0) == 0
    path.write_text(VIEW)
    os.utime(path, (1000, 1000))
    assert members(path, 999) == 3
    assert members(path, 1001) == 0
