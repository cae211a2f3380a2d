"""Equal numbers for users whose files lie on the shared storage: what a machine has in, what is wrong with it out."""

from __future__ import annotations

import pytest

from relevo.deploy.identities import IDENTITIES, as_files, faults_of, making, question, unequal

OURS = frozenset((one.kind, one.name, one.number) for one in IDENTITIES)
DEBIANS = frozenset({
    ("group", "vmail", 5000), ("user", "vmail", 5000), ("group", "postfix", 109), ("user", "postfix", 108),
    ("group", "postdrop", 110),
})


def faults(cluster, node: str, seen, *, managed: bool = False) -> list[str]:
    return list(faults_of(cluster.nodes[node], frozenset(seen), managed=managed))


@pytest.mark.parametrize("seen", [frozenset(), OURS])
def test_a_machine_that_has_none_or_ours_is_fit(cluster, seen):
    assert faults(cluster, "mail01", seen) == []


def test_a_number_that_belongs_to_somebody_else_is_told(cluster):
    (fault,) = faults(cluster, "mail01", {("user", "ana", 5001)})
    assert fault == "the user id 5001 belongs to ana, and postfix needs it: give ana another"
    assert faults(cluster, "storage01", {("user", "ana", 5001)}) == []  # no Postfix runs there
    assert len(faults(cluster, "storage01", {("user", "ana", 5000)})) == 1  # vmail's, which all have


def test_a_postfix_that_was_there_before_must_go(cluster):
    told = faults(cluster, "mail01", DEBIANS)
    assert len(told) == 3
    assert all("apt-get purge postfix" in fault for fault in told)


def test_what_an_earlier_version_installed_stays_where_it_is_equal(cluster):
    assert faults(cluster, "mail01", DEBIANS, managed=True) == []
    assert list(unequal({"mail01": DEBIANS, "mail02": DEBIANS})) == []


def test_two_mail_nodes_with_other_numbers_could_not_deliver_for_each_other():
    told = list(unequal({"mail01": DEBIANS, "mail02": OURS}))
    assert len(told) == 3
    assert "109 on mail01, 5001 on mail02" in told[0]
    assert list(unequal({"mail01": DEBIANS, "mail02": frozenset()})) == told, "a new one would get ours"


def test_they_are_made_with_their_numbers():
    commands = [making(one) for one in IDENTITIES]
    assert ["groupadd", "--gid", "5002", "postdrop"] in commands
    user = next(command for command in commands if command[0] == "useradd" and command[-1] == "postfix")
    assert user[1:5] == ["--uid", "5001", "--gid", "postfix"]


def test_an_image_has_them_before_any_package():
    files = as_files()
    assert "postfix:*:5001:5001:Postfix MTA:/var/spool/postfix:/usr/sbin/nologin\n" in files["etc/passwd"]
    assert "postdrop:x:5002:\n" in files["etc/group"]


def test_a_machine_is_asked_for_names_and_numbers():
    assert "getent passwd vmail postfix 5000 5001 " in question()
    assert "getent group vmail postfix postdrop 5000 5001 5002 " in question()
