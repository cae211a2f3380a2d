from __future__ import annotations

import json
import re
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from relevo.cluster.model import DhcpReservation
from relevo.errors import ConfigurationError
from relevo.services import SERVICES
from relevo.services.dhcp.pool import pool
from relevo.services.dhcp.render import render
from tests.unit.services.golden import check_golden

SERVICE = next(service for service in SERVICES if service.name == "dhcp")
PRINTER = DhcpReservation(mac="52:54:00:aa:bb:cc", address=IPv4Address("192.168.100.77"), hostname="printer")
SCANNER = DhcpReservation(mac="52:54:00:aa:bb:cd", address=IPv4Address("192.168.100.78"))


def altered(cluster, section, **values):
    return cluster.model_copy(update={section: getattr(cluster, section).model_copy(update=values)})


def kea(ctx):
    text = next(file.data.decode() for file in render(ctx) if file.path == "/etc/kea/kea-dhcp4.conf")
    return json.loads(re.sub(r"(^|\s)//.*$", "", text, flags=re.MULTILINE))


def test_golden(context):
    check_golden("dhcp", context("storage01"))


def test_only_the_storage_machine_hands_out_addresses(cluster):
    assert [node.name for node in cluster.peers if SERVICE.runs_on(cluster, node)] == ["storage01"]
    assert not SERVICE.runs_on(altered(cluster, "dhcp", server="none"), cluster.storage_node)


@pytest.mark.parametrize(("server", "package"), [("kea", "kea-dhcp4-server"), ("isc", "isc-dhcp-server")])
def test_only_the_chosen_server_is_installed(context, cluster, server, package):
    ctx = replace(context("storage01"), cluster=altered(cluster, "dhcp", server=server))
    assert SERVICE.packages(ctx) == (package,)


def test_kea_gets_gateway_and_reservations(context, cluster):
    chosen = altered(altered(cluster, "network", gateway=IPv4Address("192.168.100.1")), "dhcp",
                     reservations=(PRINTER, SCANNER))
    (subnet,) = kea(replace(context("storage01"), cluster=chosen))["Dhcp4"]["subnet4"]
    assert {"name": "routers", "data": "192.168.100.1"} in subnet["option-data"]
    assert [entry["ip-address"] for entry in subnet["reservations"]] == ["192.168.100.77", "192.168.100.78"]


def test_without_gateway_and_reservations_kea_gets_none(context):
    (subnet,) = kea(context("storage01"))["Dhcp4"]["subnet4"]
    options = {option["name"]: option["data"] for option in subnet["option-data"]}
    assert options.keys() == {"domain-name-servers", "domain-name", "domain-search"}
    assert options["domain-name-servers"] == "192.168.100.10, 192.168.100.11, 192.168.100.12"
    assert subnet["reservations"] == []


def test_isc_dhcpd_says_the_same_in_its_own_words(context, cluster):
    chosen = altered(altered(cluster, "network", gateway=IPv4Address("192.168.100.1")), "dhcp", server="isc",
                     reservations=(PRINTER,))
    files = {file.path: file for file in render(replace(context("storage01"), cluster=chosen))}
    text = files["/etc/dhcp/dhcpd.conf"].data.decode()
    assert files["/etc/dhcp/dhcpd.conf"].check == ("dhcpd", "-t", "-cf", "{}")
    assert "subnet 192.168.100.0 netmask 255.255.255.0 {\n  range 192.168.100.128 192.168.100.253;" in text
    assert "option routers 192.168.100.1;" in text
    assert "hardware ethernet 52:54:00:aa:bb:cc;\n  fixed-address 192.168.100.77;" in text
    assert 'INTERFACESv4="eth0"' in files["/etc/default/isc-dhcp-server"].data.decode()


def ends(cluster):
    first, last = pool(cluster)
    return str(first), str(last)


def test_the_pool_is_the_free_part_of_the_upper_half(cluster):
    assert ends(cluster) == ("192.168.100.128", "192.168.100.253")


def test_the_pool_avoids_everything_that_has_an_address(cluster):
    reserved = DhcpReservation(mac="52:54:00:00:00:01", address=IPv4Address("192.168.100.200"))
    vip, gateway = IPv4Address("192.168.100.130"), IPv4Address("192.168.100.240")
    busy = altered(altered(cluster, "network", vip=vip, gateway=gateway), "dhcp", reservations=(reserved,))
    assert ends(busy) == ("192.168.100.131", "192.168.100.199")


def test_the_operators_pool_wins(cluster):
    given = altered(cluster, "dhcp", pool_start=IPv4Address("192.168.100.20"), pool_end=IPv4Address("192.168.100.29"))
    assert ends(given) == ("192.168.100.20", "192.168.100.29")


def test_one_end_alone_is_a_mistake(cluster):
    with pytest.raises(ConfigurationError, match="pool_start and pool_end"):
        pool(altered(cluster, "dhcp", pool_start=IPv4Address("192.168.100.20")))


def test_a_subnet_without_room_is_a_mistake(cluster):
    with pytest.raises(ConfigurationError, match="no room"):
        pool(altered(cluster, "network", subnet=IPv4Network("192.168.100.8/30")))
