from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from relevo.agent.probe import Deadline, ProbeFailed
from relevo.cluster import wires
from relevo.cluster.sealing import lock_of, seal, unseal
from relevo.dkim.settings import Settings, read
from relevo.services import SERVICES
from relevo.services.dkim import settings
from relevo.services.dkim.health import judge, probes
from relevo.services.dkim.render import render
from relevo.services.web.render import render as render_web
from relevo.services.web.settings import CONFIG as WEB_CONFIG
from tests.unit.services.golden import check_golden


def test_files(context):
    check_golden("dkim", context("mail01"))
    check_golden("lookup", context("mail01"))


def test_both_nodes_have_the_same_files(context):
    assert render(context("mail01")) == render(context("mail02"))


def test_what_is_rendered_is_what_it_reads(context, tmp_path):
    (told,) = [file for file in render(context("mail01")) if file.path == settings.CONFIG]
    (tmp_path / "dkim.json").write_bytes(told.data)
    own = read(str(tmp_path / "dkim.json"))
    assert set(json.loads(told.data)) == {field.name for field in fields(Settings)}
    assert (own.domain, own.servers[0]) == ("chocolatesparati.com.bo", "storage01.chocolatesparati.com.bo")


def test_its_secrets_are_in_a_file_of_roots(context):
    (told,) = [file for file in render(context("mail01")) if b"secret-" in file.data]
    assert (told.path, told.mode, told.owner, told.secret) == (settings.CONFIG, 0o600, "root", True)


def test_the_web_can_close_what_only_relevo_dkim_opens(context):
    ctx = context("mail01")
    web = next(file for file in render_web(ctx) if file.path == WEB_CONFIG).data.decode()
    box_key = ctx.secrets.reveal("dkim_box_key")
    assert box_key not in web
    assert ctx.secrets.reveal("database_dkim") not in web
    lock = json.loads(web)["dkim_lock"]
    assert lock == lock_of(box_key)
    assert unseal(seal(b"key", lock), box_key) == b"key"


def test_the_keys_are_there_before_amavis_and_the_webs_group_before_the_socket():
    order = [service.name for service in SERVICES]
    assert order.index("directory") < order.index("dkim") < order.index("amavis")
    assert order.index("web") < order.index("lookup")


def test_without_a_zone_of_ours_none_is_written(context, cluster):
    bare = cluster.model_copy(update={"dns": cluster.dns.model_copy(update={"manage": False})})
    files = render(replace(context("mail01"), cluster=bare))
    (told,) = [file for file in files if file.path == settings.CONFIG]
    assert json.loads(told.data)["domain"] == ""


def test_its_health_is_what_it_says_of_itself(tmp_path):
    (probe,) = probes({"dkim_state": str(tmp_path)})
    assert (probe.vital, probe.unit) == (False, settings.UNIT)
    with pytest.raises(OSError, match="No such file"):
        probe.check(Deadline(5))
    assert judge('{"at": 1000, "trouble": ""}', 1010) == "the keys are those of the database"


@pytest.mark.parametrize(("text", "because"), [
    ('{"at": 1000, "trouble": "the key s1 of a.example can\'t be used"}', "a.example"),
    ('{"at": 900, "trouble": ""}', "110 s"),
    ("", "it says of itself"), ("[]", "it says of itself"), ('{"at": "x", "trouble": ""}', "it says of itself"),
])
def test_what_it_complains_of_and_its_silence_are_failures(text, because):
    with pytest.raises(ProbeFailed, match=because):
        judge(text, 1010)


def test_the_wires_of_probe_and_service_are_the_same():
    assert wires.DKIM_STATE == "/run/relevo-dkim"
    assert wires.DKIM_TABLE.startswith(f"{wires.DKIM_DIRECTORY}/")
