from __future__ import annotations

import json
import os
from dataclasses import fields

import pytest

from relevo.agent.probe import Deadline, ProbeFailed
from relevo.cluster import wires
from relevo.services import SERVICES
from relevo.services.directory.settings import RIGHTS
from relevo.services.use import settings
from relevo.services.use.health import judge, probes
from relevo.services.use.render import render
from relevo.use.settings import Settings, read
from tests.unit.services.golden import check_golden


@pytest.mark.parametrize("node", ["mail01", "mail02"])
def test_files(context, node):
    check_golden("use", context(node))


def test_what_is_rendered_is_what_it_reads(context, tmp_path):
    (told,) = [file for file in render(context("mail01")) if file.path == settings.CONFIG]
    assert (told.mode, told.secret) == (0o600, True)
    (tmp_path / "use.json").write_bytes(told.data)
    own = read(str(tmp_path / "use.json"))
    assert set(json.loads(told.data)) == {field.name for field in fields(Settings)}
    assert len(own.ignored) == 3


def test_its_account_may_touch_the_tables_of_use_and_read_addresses():
    rights = RIGHTS[wires.DATABASE_USE]
    assert {(right.view, right.column) for right in rights} == {
        ("directory_mailboxuse", ""), ("directory_deviceuse", ""), ("directory_usereading", ""),
        (wires.VIEW_MAILBOXES, "address"),
    }
    web = {right.privilege for right in RIGHTS[wires.DATABASE_WEB] if right.view.endswith(("use", "usereading"))}
    assert web == {"SELECT"}


def test_it_comes_after_what_it_reads_and_asks():
    order = [service.name for service in SERVICES]
    assert max(order.index("dovecot"), order.index("directory")) < order.index("use")


def test_old_figures_are_told(tmp_path):
    path = tmp_path / "cursor"
    (probe,) = probes({"use_cursor": str(path)})
    assert not probe.vital
    assert "first time" in probe.check(Deadline(5))
    path.touch()
    assert probe.check(Deadline(5)) == "last logins and sizes of mailboxes are written"
    os.utime(path, (1000, 1000))
    with pytest.raises(ProbeFailed, match="nothing was written for 20 min"):
        judge(path, 1000 + 1200)
