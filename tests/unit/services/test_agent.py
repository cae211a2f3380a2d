"""What the agent's service renders: configuration, key, unit."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

import pytest
from cryptography import x509

from relevo.agent.passage import Six, six
from relevo.agent.settings import parse
from relevo.cluster import wires
from relevo.services.agent import identity, render
from relevo.services.base import Context
from relevo.services.releases import DEBIAN_12
from relevo.services.roundcube.health import probes


def unit_of(ctx: Context) -> list[str]:
    return next(file.content for file in render.render(ctx) if file.path.endswith(".service")).splitlines()


def test_a_dead_agent_leaves_no_praise_behind(context):
    lines = unit_of(context("mail01"))
    assert lines[0].startswith("# Made by Relevo from services/agent/templates/")
    assert "ExecStopPost=-/bin/rm -f /run/relevo/vrrp-weight" in lines
    assert "WatchdogSec=2" in lines
    assert "WatchdogSignal=SIGKILL" in lines  # a frozen one hears no other
    assert "Restart=always" in lines
    assert not any("vrrp-weight" in line for line in unit_of(context("storage01")))


def test_probes_find_every_wire_in_the_configuration(context):
    config = json.loads(render.render(context("mail01"))[0].data)
    assert config["mail_mount"] == wires.MAIL_MOUNT
    assert config["mysql_socket"] == wires.MYSQL_SOCKET
    assert config["amavis_inbound_port"] == str(wires.AMAVIS_INBOUND_PORT)


@pytest.mark.parametrize("node", ["mail01", "storage01"])
def test_debian_12_gets_what_debian_13_gets_but_for_the_unit_of_php(context, context_of, node: str):
    config, *files = render.render(context(node))
    older, *older_files = render.render(context_of(node, DEBIAN_12))
    assert files == older_files
    assert json.loads(older.data) == {**json.loads(config.data), "fpm_unit": "php8.2-fpm.service"}
    assert [probe.unit for probe in probes(json.loads(config.data))] == ["php8.4-fpm.service"]


def test_the_agent_can_read_what_is_rendered_for_it(context):
    config = json.loads(render.render(context("mail02"))[0].data)
    assert all(isinstance(value, str) for value in config.values())
    settings = parse(config)
    assert settings.is_mail
    assert not settings.preferred
    assert [peer.node for peer in settings.peers] == ["mail01", "storage01"]
    assert [peer.is_mail for peer in settings.peers] == [True, False]
    assert {"postfix", "dovecot", "mariadb"} <= set(settings.services)
    assert "garbd" not in settings.services
    assert settings.weight_file == "/run/relevo/vrrp-weight"


def test_what_is_secret_is_private(context):
    files = {file.path: file for file in render.render(context("mail01"))}
    for path in ("/etc/relevo/agent.json", "/etc/relevo/agent.pem"):
        assert files[path].secret
        assert files[path].mode == 0o600


def test_one_secret_always_makes_the_same_key_and_another_one_another(tmp_path: Path):
    assert identity.make("one") == identity.make("one")
    assert identity.make("one") != identity.make("two")
    file = tmp_path / "agent.pem"
    file.write_text(identity.make("one"))
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file)
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    certificate.verify_directly_issued_by(certificate)


def test_a_virtual_ip_of_ipv6_is_told_to_the_mail_nodes(context, context6):
    config = json.loads(render.render(context6("mail02"))[0].data)
    without = json.loads(render.render(context("mail02"))[0].data)
    told = {"vip6": "fd00:100::100", "vip6_network": "fd00:100::/64", "handover_hop": "fe80::c0a8:640c"}
    assert config == without | told
    assert six(parse(config)) == Six("fd00:100::100", "fd00:100::/64", "eth0", "fe80::c0a8:640c")
    assert six(parse(without)) is None
    assert "vip6" not in json.loads(render.render(context6("storage01"))[0].data)
