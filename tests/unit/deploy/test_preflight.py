from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Sequence

import pytest

from relevo.cluster.model import Cluster, Node
from relevo.deploy.preflight import Machine, examine, faults_of, parse
from relevo.deploy.shell import CommandFailed
from relevo.deploy.ssh import Ssh
from relevo.errors import RelevoError
from relevo.services.releases import DEBIAN_13, Release

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
    assert machine.release == DEBIAN_13
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
    ({"release": Release("debian", "11")}, "it runs Debian 11, and Relevo knows Debian 13, Debian 12, Ubuntu 24.04:"),
    ({"release": Release("fedora", "43")}, "it runs Fedora 43"),
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


def test_the_resolver_of_systemd_is_in_nobodys_way(cluster: Cluster):
    machine = dataclasses.replace(FIT, listeners={53: "systemd-resolve"})
    assert faults_of(cluster.nodes["mail01"], machine) == []
    assert faults_of(cluster.nodes["mail01"], dataclasses.replace(FIT, listeners={53: "dnsmasq"}))


def test_a_kernel_without_ipv6_matters_when_there_is_a_virtual_ip_of_ipv6(cluster: Cluster):
    node = cluster.mail_nodes[0]
    assert not FIT.ipv6
    assert faults_of(node, FIT) == []
    (fault,) = faults_of(node, FIT, vip6="fd00:100::100")
    assert "IPv6 is switched off in its kernel, so it can't have fd00:100::100" in fault
    assert faults_of(cluster.storage_node, FIT, vip6="fd00:100::100") == []
    with_it = parse(ANSWER + "ipv6 yes\n", 1000, 1001)
    assert not [f for f in faults_of(node, with_it, vip6="fd00:100::100") if "IPv6" in f]


# --- the mail store of a platform that stands -----------------------------------------------------------------------

MANAGED = ANSWER.replace("listens 25 exim4\n", "ours yes\n")


class _Machines(Ssh):
    """Machines that all say the same of themselves, and that their clocks are right."""

    def __init__(self, said: str) -> None:
        self._said = said

    def run(self, node: Node, argv: Sequence[str], *, within: float = 60, stdin: str | bytes | None = None) -> str:
        assert node
        assert within
        assert stdin is None
        return self._said.replace("clock 1000.5", f"clock {time.time()}") if len(argv) > 1 else ""


def _refusal(cluster: Cluster, said: str, *, moved: bool = False, **keys: str) -> str:
    wanted = cluster.with_storage(cluster.storage.model_copy(update=keys))
    try:
        examine(wanted, _Machines(said), moved=moved)
    except RelevoError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("store", "keys", "said"),
    [
        ("{}", {"kind": "nfs"}, "mail01: the mail is in glusterfs, and the cluster file says nfs: apply would mount"),
        ("{}", {"kind": "nfs"}, 'take the mail along: relevo storage move nfs; or put kind = "glusterfs" back'),
        ('{"kind": "glusterfs", "moving_to": "nfs"}', {"kind": "nfs"}, "relevo storage move nfs"),
        ('{"kind": "nfs", "unheard": "of"}', {}, 'put kind = "nfs" back'),
        ('{"brick": "/data/b"}', {}, 'mail02: its copy of the mail is in /data/b, .* put brick = "/data/b" back'),
        ('{"kind": "nfs", "export": "/data"}', {"kind": "nfs"}, 'put export = "/data" back'),
        ('{"kind": "external", "external_source": "a:/m"}', {"kind": "external", "external_source": "b:/m"},
         'Put external_source = "a:/m" back; to take the mail along, move it to another kind of storage first'),
    ],
)
def test_another_store_is_refused_where_mail_is(cluster: Cluster, store: str, keys: dict[str, str], said: str):
    refusal = _refusal(cluster, f"{MANAGED}store {store}\n", **keys)
    assert re.search(said, refusal)
    assert "storage01" not in refusal
    assert _refusal(cluster, f"{MANAGED}store {store}\n", moved=True, **keys) == ""


@pytest.mark.parametrize(
    ("store", "keys"),
    [('{"kind": "glusterfs"}', {}), ('{"kind": "nfs", "brick": "/b"}', {"kind": "nfs"}), ("", {"kind": "nfs"}),
     ('{"kind": "nfs"}', {"kind": "nfs", "external_source": "a:/m"}), ("nonsense", {}), ('{"kind": 7}', {}),
     ("[]", {})],
)
def test_the_same_store_and_one_that_is_not_known_pass(cluster: Cluster, store: str, keys: dict[str, str]):
    assert _refusal(cluster, f"{MANAGED}store {store}\n", **keys) == ""


def test_a_machine_that_is_new_has_no_store_yet(cluster: Cluster):
    assert _refusal(cluster, f"{MANAGED}successor yes\nstore {{}}\n", kind="nfs") == ""
