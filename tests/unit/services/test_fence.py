from __future__ import annotations

from dataclasses import replace

import pytest

from relevo.cluster.ports import PORTS, storage_ports
from relevo.services.fence.render import render
from tests.unit.services.golden import check_golden

FENCE, GATE, HANDOVER = "/etc/relevo/fence.nft", "/etc/relevo/gate.nft", "/etc/relevo/handover.nft"
UNIT = "/etc/systemd/system/relevo-fence.service"


def rendered(ctx, kind="glusterfs"):
    storage = ctx.cluster.storage.model_copy(update={"kind": kind})
    ctx = replace(ctx, cluster=ctx.cluster.model_copy(update={"storage": storage}))
    return {file.path: file.data.decode() for file in render(ctx)}


@pytest.mark.parametrize("node", ["mail01", "mail02", "storage01"])
def test_golden(context, node):
    check_golden("fence", context(node))


@pytest.mark.parametrize(
    ("kind", "ports"),
    [("glusterfs", "{ 24007-24008, 49152-49251 }"), ("nfs", "{ 2049 }"), ("external", "")],
)
def test_the_storages_ports_are_dropped_in_both_directions_on_either_side(context, kind, ports):
    text = rendered(context("storage01"), kind)[FENCE]
    drops = [line.split(" counter ")[0].strip() for line in text.splitlines() if " counter " in line]
    ways = [(way, side) for way in ("saddr", "daddr") for side in ("dport", "sport")]
    assert sorted(drops) == sorted(f"ip {way} @cut tcp {side} {ports}" for way, side in ways if ports)
    assert "set cut {" in text


def test_the_storages_ports_are_what_the_firewall_opens_for_it(context):
    cluster = context("mail01").cluster
    opened = {port.number for port in PORTS if port.purpose.startswith("GlusterFS")}
    assert set(storage_ports(cluster)) == opened


def test_the_gate_is_where_the_virtual_ip_may_be(context):
    assert GATE in rendered(context("mail01"))
    on_storage = rendered(context("storage01"))
    assert GATE not in on_storage
    assert GATE not in on_storage[UNIT]


def test_nothing_is_opened_by_stopping_the_unit(context):
    unit = rendered(context("mail01"))[UNIT]
    assert "\nExecStop" not in unit
    starts = [line.partition("=")[2] for line in unit.splitlines() if line.startswith("ExecStart=")]
    reloads = [line.partition("=")[2] for line in unit.splitlines() if line.startswith("ExecReload=")]
    assert starts == reloads == [f"/usr/sbin/nft --file {path}" for path in (GATE, HANDOVER, FENCE)]


@pytest.mark.parametrize("path", [FENCE, GATE, HANDOVER])
def test_loading_again_touches_no_set(context, path):
    lines = [line.strip() for line in rendered(context("mail01"))[path].splitlines()]
    emptying = ("delete", "destroy", "flush table", "flush set", "flush ruleset")
    assert not any(line.startswith(emptying) for line in lines)


def test_no_table_names_an_interface_since_they_are_loaded_before_there_is_one(context6):
    assert "device iif" in rendered(context6("mail01"))[HANDOVER]
    assert not [path for path, text in rendered(context6("mail01")).items() if '"eth0"' in text]


def test_the_gate_and_the_handover_have_room_for_ipv6_only_where_it_is(context, context6):
    without, with_it = rendered(context("mail01")), rendered(context6("mail01"))
    for path in (GATE, HANDOVER):
        assert "ipv6_addr" not in without[path]
        assert "ipv6_addr" in with_it[path]
    assert rendered(context6("mail01"))[FENCE] == without[FENCE]  # the storage speaks IPv4
