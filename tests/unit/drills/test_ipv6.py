"""When the drill of IPv6 is not run; that it proves something is shown in the lab."""

from __future__ import annotations

import errno
import socket
from dataclasses import replace
from ipaddress import IPv6Interface

import pytest

from relevo.drills.promises import ipv6
from relevo.drills.vocabulary import World
from relevo.drills.waiting import NotHere
from relevo.errors import DrillError


def with_vip6(world: World, vip6: str) -> World:
    network = world.cluster.network.model_copy(update={"vip6": IPv6Interface(vip6)})
    return replace(world, cluster=world.cluster.model_copy(update={"network": network}))


def test_without_ipv6_it_is_not_run(world: World):
    with pytest.raises(NotHere, match=r"network\.vip6 is not set"):
        ipv6.run(world)


def test_from_a_machine_without_a_way_there_it_is_not_run(world: World, monkeypatch: pytest.MonkeyPatch):
    class NoWay(socket.socket):
        def connect(self, address: object) -> None:
            raise OSError(errno.ENETUNREACH, "Network is unreachable", address)

    monkeypatch.setattr(ipv6.socket, "socket", NoWay)
    with pytest.raises(NotHere, match=r"this machine has no way to fd00:100::100 \(Network is unreachable\)"):
        ipv6.run(with_vip6(world, "fd00:100::100/64"))


def test_a_node_that_refuses_to_switch_over_is_named(world: World):
    world.platform.says["switchover"] = '{"refused": "the other mail node is not well: dovecot"}'
    with pytest.raises(DrillError, match="mail01: the other mail node is not well"):
        ipv6._switch_over(world.nodes["mail01"])  # noqa: SLF001
    world.platform.says["switchover"] = '{"refused": ""}'
    ipv6._switch_over(world.nodes["mail01"])  # noqa: SLF001
