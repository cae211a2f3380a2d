from __future__ import annotations

import os
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from relevo.cluster.ports import PORTS
from relevo.services.firewall.live import difference
from relevo.services.firewall.ports import Rule, lock_out, ports, ports_document, rules, rules_6, tcp_reset_ports
from relevo.services.firewall.render import frame, render
from tests.unit.services.golden import check_golden

DOCUMENT = Path(__file__).parents[3] / "docs" / "reference" / "ports.md"


def altered(cluster, section, **values):
    return cluster.model_copy(update={section: getattr(cluster, section).model_copy(update=values)})


def numbers(cluster, node):
    return {(port.number, port.protocol) for port in ports(cluster, cluster.nodes[node])}


@pytest.mark.parametrize("node", ["mail01", "mail02", "storage01"])
def test_golden(context, node):
    check_golden("firewall", context(node))


def test_the_document_is_current():
    if os.environ.get("RELEVO_GOLDEN") == "write":
        DOCUMENT.write_text(ports_document(), encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8") == ports_document(), "RELEVO_GOLDEN=write writes it anew"


def test_the_world_reaches_mail_and_web_and_nothing_else(cluster):
    mail = {"25", "465", "587", "143", "993", "110", "995", "80", "443"}
    for name, expected in (("mail01", mail), ("storage01", set())):
        node = cluster.nodes[name]
        assert {rule.port for rule in rules(cluster, node) if rule.source == "0.0.0.0/0"} == expected
        assert {rule.port for rule in rules_6(cluster, node)} == expected


@pytest.mark.parametrize(
    ("section", "values", "there", "gone"),
    [("storage", {"kind": "nfs"}, ("2049", "tcp"), ("24007:24008", "tcp")),
     ("storage", {"kind": "glusterfs"}, ("49152:49251", "tcp"), ("2049", "tcp")),
     ("storage", {"kind": "external"}, ("53", "udp"), ("49152:49251", "tcp")),
     ("dhcp", {"server": "none"}, ("53", "udp"), ("67", "udp")),
     ("dhcp", {"server": "isc"}, ("67", "udp"), ("2049", "tcp"))],
)
def test_only_ports_of_services_that_this_cluster_has(cluster, section, values, there, gone):
    have = numbers(altered(cluster, section, **values), "storage01")
    assert there in have
    assert gone not in have


def test_ports_of_both_stores_are_open_while_mail_is_moved(cluster):
    have = numbers(altered(cluster, "storage", kind="glusterfs", moving_to="nfs"), "storage01")
    assert {("2049", "tcp"), ("49152:49251", "tcp")} <= have


def test_the_clusters_own_ports_are_open_to_the_other_machines_only(cluster):
    own = {rule.source for rule in rules(cluster, cluster.nodes["mail01"]) if rule.port == "4567"}
    assert own == {"192.168.100.12", "192.168.100.10"}


def test_vrrp_comes_from_the_other_mail_node_only(cluster):
    heard = [rule for rule in rules(cluster, cluster.nodes["mail02"]) if rule.protocol == "vrrp"]
    assert heard == [Rule("vrrp", "", "192.168.100.11", "VRRP adverts (IP protocol 112)")]
    assert not [rule for rule in rules(cluster, cluster.nodes["storage01"]) if rule.protocol == "vrrp"]


def test_ssh_follows_the_port_and_the_networks_of_the_operator(cluster):
    moved = altered(altered(cluster, "ssh", port=2222), "network", admin_networks=(IPv4Network("10.1.0.0/16"),))
    ssh = [(rule.port, rule.source) for rule in rules(moved, moved.nodes["mail01"]) if rule.purpose.startswith("SSH")]
    assert ssh == [("2222", "10.1.0.0/16")]
    assert "22" not in tcp_reset_ports(moved, moved.nodes["mail01"])


def test_clients_of_every_public_port_hear_of_a_failover(cluster):
    told = tcp_reset_ports(cluster, cluster.nodes["mail01"])
    assert told == ("22", "25", "80", "110", "143", "443", "465", "587", "993", "995")


@pytest.mark.parametrize(
    ("connection", "locked"),
    [("", False), ("192.168.100.60 50000 192.168.100.11 22", False), ("::ffff:192.168.100.60 1 ::1 22", False),
     ("127.0.0.1 1 127.0.0.1 22", False), ("10.9.9.9 50000 192.168.100.11 22", True),
     ("fe80::1%eth0 1 fe80::2 22", True)],
)
def test_nobody_locks_himself_out(cluster, connection, locked):
    why = lock_out(connection, cluster)
    assert bool(why) == locked
    assert not why or "admin_networks" in why


WRITTEN = """\
-A ufw-user-input -p tcp --dport 25 -j ACCEPT
-A ufw-user-input -p udp --dport 53 -s 192.168.100.0/24 -j ACCEPT
-A ufw-user-input -p tcp -m multiport --dports 24007:24008 -s 192.168.100.11 -j ACCEPT
-A ufw-user-input -p vrrp -s 192.168.100.11 -j ACCEPT
-A ufw-user-limit -j REJECT
"""
SHOWN = """\
-P INPUT DROP
-N ufw-user-input
-A ufw-user-input -p tcp -m tcp --dport 25 -j ACCEPT
-A ufw-user-input -s 192.168.100.0/24 -p udp -m udp --dport 53 -j ACCEPT
-A ufw-user-input -s 192.168.100.11/32 -p tcp -m multiport --dports 24007:24008 -j ACCEPT
-A ufw-user-input -s 192.168.100.11/32 -p 112 -j ACCEPT
"""  # what iptables 1.8.11 said of the rules above


def test_the_kernels_rules_are_recognised():
    assert difference(WRITTEN, SHOWN, "ufw-user-input") is None


@pytest.mark.parametrize(
    ("shown", "says"),
    [("", "4 rules are missing, 0 are too many"),
     (SHOWN + "-A ufw-user-input -p tcp -m tcp --dport 8080 -j ACCEPT\n", "0 rules are missing, 1 are too many"),
     (SHOWN.replace("100.11/32 -p tcp", "100.0/24 -p tcp"), "1 rules are missing, 1 are too many")],
)
def test_a_difference_in_the_kernel_is_seen(shown, says):
    assert says in str(difference(WRITTEN, shown, "ufw-user-input"))


def test_every_rendered_rule_stands_beside_what_ufw_remembers_of_it(context):
    for file in render(context("mail01")):
        if "/user" in file.path:
            lines = file.data.decode().splitlines()
            marks = [number for number, line in enumerate(lines) if line.startswith("### tuple ###")]
            assert marks
            assert all(lines[number + 1].startswith("-A ufw") for number in marks)


def test_the_table_has_no_row_twice():
    assert len({(port.number, port.protocol) for port in PORTS}) == len(PORTS)
    assert all(replace(port, purpose="").roles for port in PORTS)


def test_rules_for_ports_alone_restart_nothing_and_whatever_else_changes_does(cluster, context):
    ctx = context("storage01")
    other = replace(ctx, cluster=altered(cluster, "storage", kind="external"))
    before, after = render(ctx), render(other)
    assert before != after
    assert [frame(file) for file in before] == [frame(file) for file in after]
    for file in before:
        assert frame(file) != frame(replace(file, content=file.data + b"-A ufw-user-limit -j REJECT\n"))
