from __future__ import annotations

import dataclasses
import re

import pytest

from relevo.cluster.model import Cluster
from relevo.deploy.preflight import Machine, faults_of, parse
from relevo.deploy.shell import CommandFailed

ANSWER = """\
release debian 13
machine x86_64
clock 1000.5
free 51234
python 3.13
venv yes
root yes
systemd yes
listens 22 sshd
listens 25 exim4
"""


def test_an_answer_is_read():
    machine = parse(ANSWER, before=1000.0, after=1001.0)
    assert machine.release == ("debian", "13")
    assert machine.clock_offset == 0.0
    assert machine.has_venv
    assert not machine.managed
    assert machine.listeners == {22: "sshd", 25: "exim4"}


@pytest.mark.parametrize(("said", "is_new"), [("", True), ("ours yes\n", False), ("ours yes\nsuccessor yes\n", True)])
def test_a_machine_is_new_until_it_has_taken_the_place_of_the_dead_one(said: str, is_new: bool):
    assert parse(ANSWER + said, 1000, 1001).is_new is is_new


@pytest.mark.parametrize(("before", "after", "offset"), [(900.0, 901.0, 99.5), (1100.0, 1101.0, -99.5)])
def test_a_clock_outside_of_the_question_is_off_by_the_nearer_end(before: float, after: float, offset: float):
    assert parse(ANSWER, before, after).clock_offset == offset


def test_nonsense_is_one_sentence():
    with pytest.raises(CommandFailed, match="makes no sense"):
        parse("BusyBox v1.36\n", 0, 0)


FIT = dataclasses.replace(parse(ANSWER, 1000, 1001), listeners={22: "sshd"})
FAULTS = [
    ({"release": ("debian", "11")}, "it runs debian 11"),
    ({"release": ("fedora", "43")}, "it runs fedora 43"),
    ({"root": False}, "don't run as root"),
    ({"systemd": False}, "systemd is not there"),
    ({"free_mb": 900}, "only 900 MB are free"),
    ({"clock_offset": -3600.0}, "off by -3600 s"),
    ({"python": "3.9"}, "python3 is 3.9"),
    ({"listeners": {25: "exim4"}}, r"port 25 \(SMTP from other servers\) is taken by exim4"),
]


def test_a_fit_machine_has_no_faults(cluster: Cluster):
    assert faults_of(cluster.nodes["mail01"], FIT) == []


@pytest.mark.parametrize(("change", "said"), FAULTS)
def test_each_fault_says_what_to_do(cluster: Cluster, change: dict[str, object], said: str):
    faults = faults_of(cluster.nodes["mail01"], dataclasses.replace(FIT, **change))  # type: ignore[arg-type]
    assert len(faults) == 1
    assert re.search(said, faults[0])


def test_our_own_services_on_their_ports_are_no_fault(cluster: Cluster):
    machine = dataclasses.replace(FIT, managed=True, listeners={25: "master"})
    assert faults_of(cluster.nodes["mail01"], machine) == []


def test_a_port_of_another_role_is_free_for_others(cluster: Cluster):
    machine: Machine = dataclasses.replace(FIT, listeners={25: "exim4"})
    assert faults_of(cluster.nodes["storage01"], machine) == []


def test_a_kernel_without_ipv6_matters_when_there_is_a_virtual_ip_of_ipv6(cluster: Cluster):
    node = cluster.mail_nodes[0]
    assert not FIT.ipv6
    assert faults_of(node, FIT) == []
    (fault,) = faults_of(node, FIT, vip6="fd00:100::100")
    assert "IPv6 is switched off in its kernel, so it can't have fd00:100::100" in fault
    assert faults_of(cluster.storage_node, FIT, vip6="fd00:100::100") == []
    with_it = parse(ANSWER + "ipv6 yes\n", 1000, 1001)
    assert not [f for f in faults_of(node, with_it, vip6="fd00:100::100") if "IPv6" in f]
