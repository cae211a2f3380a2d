"""What keepalived reads."""

from __future__ import annotations

import re

import pytest

from relevo.agent.verdict import BASE_PRIORITY
from relevo.services.keepalived.render import render
from tests.unit.services.golden import check_golden


@pytest.mark.parametrize("node", ["mail01", "mail02"])
def test_files(context, node: str):
    check_golden("keepalived", context(node))


def config(context, node: str) -> str:
    return next(file.content for file in render(context(node)) if file.path.endswith("keepalived.conf"))


def test_both_nodes_agree_on_what_they_must_agree_on(context):
    ones, others = (
        [re.search(pattern, config(context, node), re.MULTILINE).group() for pattern in (
            r"^ +priority .*$", r"^ +virtual_router_id .*$", r"^ +advert_int .*$", r"^ +vrrp_version .*$",
            r"virtual_ipaddress \{[^}]*\}",  # lists of another length make two masters
        )]
        for node in ("mail01", "mail02")
    )
    assert ones == others
    assert f"priority {BASE_PRIORITY}" in ones[0]


def test_weights_can_move_it(context):
    lines = [line.strip() for line in config(context, "mail01").splitlines() if not line.strip().startswith("#")]
    assert "nopreempt" not in lines  # it would switch weight-driven moves off
    assert "state BACKUP" in lines


def test_a_killed_keepalived_leaves_no_address_behind(context):
    drop_in = next(file.content for file in render(context("mail01")) if "keepalived.service.d" in file.path)
    assert "ExecStopPost=-/sbin/ip address delete 192.168.100.100/24 dev eth0" in drop_in
    assert "Restart=always" in drop_in


def test_a_virtual_ip_of_ipv6_is_not_counted_in_adverts_and_goes_with_a_killed_keepalived(context, context6):
    """A node that hears another number of addresses drops the adverts: nodes with and without it must not differ."""
    pattern = r"virtual_ipaddress \{[^}]*\}"
    counted = [re.search(pattern, config(made, "mail01")).group() for made in (context, context6)]
    assert counted[0] == counted[1]
    excluded = re.search(r"virtual_ipaddress_excluded \{\s*(.*?)\s*\}", config(context6, "mail01"))[1]
    assert excluded == "fd00:100::100/64 dev eth0"  # -nodad would make it wait
    drop_in = next(file.content for file in render(context6("mail01")) if "keepalived.service.d" in file.path)
    assert "ExecStopPost=-/sbin/ip address delete fd00:100::100/64 dev eth0" in drop_in
