from __future__ import annotations

import json
from dataclasses import fields

import pytest

from relevo.agent.probe import Deadline, ProbeFailed
from relevo.cluster import wires
from relevo.services.trace import settings
from relevo.services.trace.health import answers, probes
from relevo.services.trace.render import render
from relevo.trace.settings import Settings, read
from tests.unit.services.golden import check_golden
from tests.unit.services.test_queue import server  # noqa: F401 - a fixture


@pytest.mark.parametrize("node", ["mail01", "mail02"])
def test_files(context, node):
    check_golden("trace", context(node))


def test_what_is_rendered_is_what_the_service_reads(context, tmp_path):
    (told,) = [file for file in render(context("mail01")) if file.path == settings.CONFIG]
    (tmp_path / "trace.json").write_bytes(told.data)
    own = read(str(tmp_path / "trace.json"))
    assert set(json.loads(told.data)) == {field.name for field in fields(Settings)}
    assert (own.node, own.socket) == ("mail01", wires.TRACE_SOCKET)
    assert {"postfix.service", wires.ADOPTED_UNIT, "dovecot.service", "amavis.service"} < set(own.units)


def test_it_has_no_rights_and_no_secret(context):
    files = {file.path: file.data.decode() for file in render(context("mail01"))}
    unit = files[f"/etc/systemd/system/{settings.UNIT}"]
    for line in ("DynamicUser=yes", "PrivateNetwork=yes", "CapabilityBoundingSet=\n", "ProtectSystem=strict"):
        assert line in unit
    assert "secret-" not in "".join(files.values())


def test_its_health_is_that_it_reads_and_moves_no_virtual_ip(server):  # noqa: F811 - the fixture
    (probe,) = probes({"trace_socket": server(b'{"silent":59}\n')})
    assert (probe.vital, probe.unit) == (False, settings.UNIT)
    assert probe.check(Deadline(5)) == "answers"


def test_a_journal_that_it_does_not_hear_is_told(server):  # noqa: F811 - the fixture
    with pytest.raises(ProbeFailed, match="nothing from the journal for 11 min"):
        answers(server(b'{"silent":660}\n'), Deadline(5))


@pytest.mark.parametrize("answer", [b"hello\n", b"[]\n", b"{}\n", b""])
def test_anything_else_is_a_failure(server, answer):  # noqa: F811 - the fixture
    with pytest.raises(ProbeFailed):
        answers(server(answer), Deadline(5))
