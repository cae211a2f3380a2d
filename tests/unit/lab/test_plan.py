from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Interface
from pathlib import Path

import pytest

from relevo.cluster.model import Cluster
from relevo.errors import LabError
from relevo.lab.plan import Names, plan_network, port_of


def test_a_folder_always_gives_the_same_names(tmp_path: Path) -> None:
    assert Names.of(tmp_path) == Names.of(tmp_path / "x" / "..")


def test_two_clones_have_names_of_their_own(tmp_path: Path) -> None:
    one, other = Names.of(tmp_path / "one"), Names.of(tmp_path / "other")
    assert one.namespace != other.namespace
    assert one.machine("mail01") != other.machine("mail01")


@pytest.mark.parametrize("node", ["mail01", "storage01", "client", "a-very-long-host-name-indeed", "x" * 63])
def test_a_port_name_fits_the_kernel(node: str) -> None:
    assert len(port_of(node)) <= 15


def test_long_names_give_different_ports() -> None:
    assert port_of("mail-in-the-first-room-1") != port_of("mail-in-the-first-room-2")


def test_addresses_are_those_of_the_cluster_file(cluster: Cluster) -> None:
    plan = plan_network(cluster)
    assert plan.address("mail01") == "192.168.100.11"
    assert plan.address("client") == "192.168.100.50"
    assert str(plan.operator) == "192.168.100.254"
    assert plan.prefix == 24
    assert list(plan.machines) == ["mail01", "mail02", "storage01", "client"]


def test_an_unknown_machine_is_an_error_that_names_the_known_ones(cluster: Cluster) -> None:
    with pytest.raises(LabError, match=r"no machine mail03 .* mail01, mail02, storage01, client"):
        plan_network(cluster).address("mail03")


def test_the_clients_address_must_be_free(cluster: Cluster) -> None:
    network = cluster.network.model_copy(update={"vip": IPv4Address("192.168.100.50")})
    with pytest.raises(LabError, match=r"client needs the address 192\.168\.100\.50"):
        plan_network(cluster.model_copy(update={"network": network}))


def test_a_small_subnet_is_an_error(cluster: Cluster) -> None:
    network = cluster.network.model_copy(update={"subnet": IPv4Network("192.168.100.0/27")})
    with pytest.raises(LabError, match="in a /24"):
        plan_network(cluster.model_copy(update={"network": network}))


def test_the_client_has_an_address_of_ipv6_where_the_platform_has_one(cluster: Cluster) -> None:
    assert plan_network(cluster).client6 == ""

    def client6(vip6: str) -> str:
        network = cluster.network.model_copy(update={"vip6": IPv6Interface(vip6)})
        return plan_network(cluster.model_copy(update={"network": network})).client6

    assert client6("fd00:100::100/64") == "fd00:100::50/64"
    for taken in ("fd00:100::50/64", "fd00:100::2/124"):
        with pytest.raises(LabError, match="client needs the address fd00:100::50"):
            client6(taken)
