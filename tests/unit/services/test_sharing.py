from __future__ import annotations

import json
from dataclasses import fields

import pytest

from relevo.agent.probe import ProbeFailed
from relevo.cluster import wires
from relevo.services import SERVICES
from relevo.services.sharing import settings
from relevo.services.sharing.health import judge, probes
from relevo.services.sharing.render import render
from relevo.sharing.settings import Settings, read
from tests.unit.services.golden import check_golden


def test_files(context):
    check_golden("sharing", context("mail01"))


def test_both_nodes_have_the_same_files(context):
    assert render(context("mail01")) == render(context("mail02"))


def test_what_is_rendered_is_what_it_reads_and_roots_alone(context, tmp_path):
    (told,) = [file for file in render(context("mail01")) if file.path == settings.CONFIG]
    (tmp_path / "sharing.json").write_bytes(told.data)
    assert read(str(tmp_path / "sharing.json")).view == "lookup_shared"
    assert set(json.loads(told.data)) == {field.name for field in fields(Settings)}
    assert (told.mode, told.owner, told.secret) == (0o600, "root", True)


def test_it_comes_after_what_it_asks_and_writes_for():
    order = [service.name for service in SERVICES]
    assert order.index("directory") < order.index("dovecot") < order.index("sharing")
    assert order.index("web") < order.index("sharing")


def test_its_health_is_what_it_says_of_itself(tmp_path):
    (probe,) = probes({"sharing_state": str(tmp_path)})
    assert (probe.vital, probe.unit) == (False, settings.UNIT)
    assert wires.SHARING_STATE == "/run/relevo-sharing"
    assert judge('{"at": 1000, "trouble": ""}', 1010) == "Dovecot knows what the database says"


@pytest.mark.parametrize(("text", "because"), [
    ('{"at": 1000, "trouble": "the database does not answer"}', "database"), ('{"at": 900, "trouble": ""}', "110 s"),
    ("", "it says of itself"), ("[]", "it says of itself"), ('{"at": "x", "trouble": ""}', "it says of itself"),
])
def test_what_it_complains_of_and_its_silence_are_failures(text, because):
    with pytest.raises(ProbeFailed, match=because):
        judge(text, 1010)
