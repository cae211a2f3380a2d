from __future__ import annotations

from ipaddress import IPv6Interface

from relevo.cluster.model import Cluster
from relevo.lab.client.setup import client_files, platform_name_servers
from relevo.lab.disk import first_files
from relevo.lab.plan import plan_network


def test_every_file_says_which_template_made_it(cluster: Cluster) -> None:
    for path, content in client_files(cluster, plan_network(cluster)).items():
        assert f"Made by Relevo from lab/client/templates{path}.j2" in content.splitlines()[0]
        assert "{{" not in content


def test_only_one_mailbox_is_known_outside(cluster: Cluster) -> None:
    main = client_files(cluster, plan_network(cluster))["/etc/postfix/main.cf"]
    assert "local_recipient_maps = inline:{ { visitor = yes } }" in main
    assert "mydestination = outside.example" in main


def test_the_platform_never_gets_its_own_question_back(cluster: Cluster) -> None:
    named = client_files(cluster, plan_network(cluster))["/etc/bind/named.conf"]
    platform = named.partition('view "platform"')[2].partition('view "outside"')[0]
    assert "192.168.100.11; 192.168.100.12; 192.168.100.10;" in platform
    assert "forward" not in platform
    assert "recursion no;" in platform


def test_names_are_asked_of_the_primary_first(cluster: Cluster) -> None:
    assert platform_name_servers(cluster) == ["192.168.100.10", "192.168.100.11", "192.168.100.12"]


def test_a_new_machine_has_its_address_and_our_key(cluster: Cluster) -> None:
    files = first_files("mail02", plan_network(cluster), "192.168.100.50", "ssh-ed25519 AAAA lab\n")
    assert files["/etc/hostname"] == "mail02\n"
    assert files["/root/.ssh/authorized_keys"] == "ssh-ed25519 AAAA lab\n"
    unit = files["/etc/systemd/system/relevo-lab-network.service"]
    assert "ip address replace 192.168.100.12/24 dev eth0" in unit


def test_only_the_client_has_an_address_of_ipv6_of_its_own(cluster: Cluster) -> None:
    network = cluster.network.model_copy(update={"vip6": IPv6Interface("fd00:100::100/64")})
    plan = plan_network(cluster.model_copy(update={"network": network}))
    units = {
        name: first_files(name, plan, "192.168.100.50", "")["/etc/systemd/system/relevo-lab-network.service"]
        for name in plan.machines
    }
    assert "ip address replace fd00:100::50/64 dev eth0 nodad" in units["client"]
    assert [name for name, unit in units.items() if "fd00" in unit] == ["client"]
