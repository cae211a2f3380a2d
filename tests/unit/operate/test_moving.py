"""The steps of a move over SSH, with machines that only write down what they are told."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest

from relevo.cluster.model import Cluster, Node
from relevo.deploy import stores
from relevo.deploy.events import DONE, Event
from relevo.deploy.shell import CommandFailed
from relevo.deploy.ssh import Ssh
from relevo.errors import NodeError, RelevoError, UnreachableError
from relevo.operate import moving, store_copy
from relevo.operate.moving import StorageMove, parse_place
from relevo.operate.storage_move import Step
from relevo.operate.store_copy import StoreCopy
from tests.unit.services.golden import GOLDEN

STORE = 'store {"kind": "glusterfs"}\nmounts glusterfs\nunit active\nunit active\nunit active\n'


class Machines(Ssh):
    """Machines that write down what they are told; `answers` are tried in turn: the first whose words are all there.

    mail01 has the virtual IP, nothing is mounted at the second mount point, every service that is asked for is down.
    """

    def __init__(self) -> None:
        self.holder = "mail01"
        self.told: list[tuple[str, str]] = []
        self.fails: dict[str, Exception] = {}
        self.answers: dict[str, str] = {
            "rsync --dry-run": "", "mounts": STORE, "df --output=avail": "Avail\n900\n",
            "df --output=used": "Used\n100\n", "--property=ActiveState": "inactive\n" * 3, "-printf": "..",
            "find -quit": "", "InactiveEnterTimestampMonotonic": "inactive 5",
        }

    def run(self, node: Node, argv: Sequence[str], *, within: float = 60, stdin: str | bytes | None = None) -> str:
        assert within > 0
        words = " ".join([*argv, *([str(stdin)] if stdin else [])])
        self.told.append((node.name, words))
        for sign, error in self.fails.items():
            if _has(f"{node.name} {words}", sign):
                raise error
        if words.startswith("ip -oneline"):
            return "inet 192.168.100.100/32" if node.name == self.holder else ""
        if words.startswith(("mountpoint", "cat ")):
            raise CommandFailed("no")
        found = (answer for sign, answer in self.answers.items() if all(part in words for part in sign.split()))
        return next(found, "")

    def order(self, *signs: str) -> list[int]:
        """Return where in the story each of these is first told, by node and words."""
        said = [f"{node} {words}" for node, words in self.told]
        return [next(i for i, one in enumerate(said) if _has(one, sign)) for sign in signs]

    def heard(self, sign: str) -> bool:
        return any(_has(f"{node} {words}", sign) for node, words in self.told)


def _has(said: str, sign: str) -> bool:
    """Tell whether all words of the sign were said; after a `^`, whether it begins so."""
    return said.startswith(sign[1:]) if sign[0] == "^" else all(part in said for part in sign.split())


@pytest.fixture
def machines() -> Machines:
    return Machines()


@pytest.fixture
def wanted(cluster: Cluster) -> Cluster:
    return cluster.with_storage(cluster.storage.model_copy(update={"kind": "nfs"}))


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def move(wanted: Cluster, machines: Machines, said: list[str]) -> StorageMove:
    work = StorageMove(wanted, machines, said.append)
    assert work.look() is Step.BEGIN
    machines.told.clear()
    return work


@pytest.fixture
def copy(move: StorageMove, wanted: Cluster, machines: Machines, said: list[str]) -> StoreCopy:
    return StoreCopy(wanted.with_storage(move.building), machines, wanted.nodes["mail01"], said.append)


def whole(move: StorageMove, switch: Callable[[], None] = lambda: None) -> None:
    with move.copied() as copy, move.paused():
        copy.last()
        copy.compare()
        copy.clear()
        move.commit()
        switch()


def test_the_story_of_a_move(move: StorageMove, machines: Machines, said: list[str]):
    whole(move)
    order = machines.order(
        "mail01 systemctl start relevo-next-store.service", "mail01 systemd-run SuccessExitStatus=23",
        "mail02 systemctl stop postfix.service", "mail01 systemctl stop postfix.service",
        "^mail01 sync -f /srv/relevo/next", "mail01 rsync --dry-run", "mail01 rm -f /var/lib/relevo/left-nfs",
        "mail01 /var/lib/relevo/left-glusterfs /srv/relevo/brick",
    )
    assert order == sorted(order)
    assert machines.heard("mail02 /var/lib/relevo/left-glusterfs /srv/relevo/brick")
    assert not machines.heard("systemctl start postfix.service")
    assert "the copy is the same: 2 files" in "\n".join(said)


def test_a_new_store_that_an_earlier_run_has_half_built_need_not_be_well(wanted: Cluster, machines: Machines):
    machines.answers["mounts"] = STORE.replace('"glusterfs"}', '"glusterfs", "moving_to": "nfs"}')
    seen = []

    class Seeing(moving.Maintenance):
        def troubles(self, *, besides: Node | None = None) -> list[str]:  # noqa: ARG002 - as it is there
            seen.append(self._cluster.storage.kinds)
            return []

    work = StorageMove(wanted, machines, lambda _sentence: None)
    assert work.look() is Step.BEGIN
    assert work.building.kinds == ("glusterfs", "nfs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moving, "Maintenance", Seeing)
        work.demand_well()
        work.demand_well(built=True)
    assert seen == [("glusterfs",), ("glusterfs", "nfs")]


def test_the_last_copy_forgives_nothing(move: StorageMove, machines: Machines):
    whole(move)
    first, last = (words for _node, words in machines.told if words.startswith("systemd-run"))
    assert "SuccessExitStatus" in first
    assert "SuccessExitStatus" not in last
    assert last.endswith("/srv/mail/ /srv/relevo/next/")
    assert "--exclude=/.relevo/*/ " in last


@pytest.mark.parametrize(
    "fails",
    ["systemctl stop mail02 postfix.service", "^mail01 sync -f", "rsync --dry-run", "left-glusterfs mail02 umask"],
)
def test_what_fails_before_the_switch_leaves_the_mail_where_it_was(move: StorageMove, machines: Machines, fails: str):
    machines.fails[fails] = CommandFailed("the disk is on fire")
    with pytest.raises(RelevoError, match=r"on fire[^$]*Nothing was moved: the mail is where it was, in glusterfs"):
        whole(move)
    start = "systemctl start relevo-storage.service dovecot.service postfix.service"
    order = machines.order("mail01 rm -f /var/lib/relevo/left-glusterfs", f"mail01 {start}", f"mail02 {start}")
    assert order == sorted(order)
    assert machines.told[-1][1].startswith("mountpoint")


def test_a_difference_is_told_and_nothing_is_moved(move: StorageMove, machines: Machines):
    machines.answers["rsync --dry-run"] = ">f+++++++++ mailboxes/a/new/1\n*deleting x\n"
    with pytest.raises(RelevoError, match=r"2 differences, the first: >f\+\+\+\+\+\+\+\+\+ mailboxes/a/new/1"):
        whole(move)
    assert machines.heard("mail02 systemctl start postfix.service")


def test_a_service_that_was_started_meanwhile_ends_the_move(move: StorageMove, machines: Machines):
    def somebody_starts_it() -> None:
        with move.copied(), move.paused():
            machines.answers["InactiveEnterTimestampMonotonic"] = "active 9"
            move.commit()

    with pytest.raises(RelevoError, match="was started while mail was paused"):
        somebody_starts_it()
    assert not machines.heard("umask left-glusterfs")


def test_a_node_that_is_gone_does_not_keep_the_other_from_starting(
    move: StorageMove, machines: Machines, said: list[str]
):
    machines.fails["mail02 systemctl"] = UnreachableError("mail02", "no word from it")
    machines.fails["mail02 rm"] = UnreachableError("mail02", "no word from it")
    with pytest.raises(RelevoError, match="no word from it"):
        move.paused().__enter__()
    assert machines.heard("mail01 systemctl start postfix.service")
    assert "run the command again" in said[-1]


def test_what_fails_in_the_switch_is_gone_on_with(move: StorageMove, machines: Machines):
    def broken() -> None:
        raise RelevoError("the machine said no")

    with pytest.raises(RelevoError, match=r"said no\n[^$]*run again, until it is done: relevo storage move nfs"):
        whole(move, broken)
    assert not machines.heard("systemctl start postfix.service")


def test_going_on_stops_only_who_has_the_old_store(wanted: Cluster, machines: Machines, said: list[str]):
    work = StorageMove(wanted, machines, said.append)
    new = STORE.replace("glusterfs", "nfs")

    def answer(node: str) -> str:
        return new if node == "mail01" else STORE

    work._place = lambda node: parse_place(node.name, answer(node.name))  # type: ignore[method-assign]  # noqa: SLF001
    assert work.look() is Step.SWITCH
    with work.going_on():
        work.commit()
    assert work.active.name == "mail01"
    assert machines.heard("mail02 systemctl stop postfix.service")
    assert not machines.heard("mail01 systemctl stop postfix.service")
    assert not machines.heard("umask left")
    assert work.where_old() == ""


def test_a_virtual_ip_that_moved_meanwhile_ends_the_copy(move: StorageMove, machines: Machines):
    def and_then_it_moves() -> None:
        with move.copied():
            machines.holder = "mail02"
            with move.paused():
                pytest.fail("mail must not be paused")

    with pytest.raises(RelevoError, match="has moved to mail02 meanwhile"):
        and_then_it_moves()
    assert not machines.heard("systemctl stop postfix.service")


def test_the_pause_ends_when_postfix_is_up_on_the_active_node(
    move: StorageMove, wanted: Cluster, said: list[str], monkeypatch: pytest.MonkeyPatch
):
    whole(move, lambda: move.heard(wanted.nodes["mail01"], Event(DONE, "postfix")))
    monkeypatch.setattr(moving.Maintenance, "troubles", lambda _self: [])
    move.finish()
    assert any(sentence.startswith("mail flows again; it was paused for") for sentence in said)
    assert "/srv/relevo/brick on mail01, mail02, storage01" in move.where_old()


def test_a_platform_that_is_not_well_is_left_alone(move: StorageMove, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(moving, "SPARE_SECONDS", 0.0)
    monkeypatch.setattr(moving.Maintenance, "troubles", lambda _self: ["mail02 does not answer"])
    monkeypatch.setattr(moving.time, "sleep", lambda _seconds: None)
    with pytest.raises(RelevoError, match="the platform is not well: mail02 does not answer"):
        move.demand_well()


# --- the copy -------------------------------------------------------------------------------------------------------


def test_an_earlier_copy_is_ended_on_both_mail_nodes_first(copy: StoreCopy, machines: Machines):
    copy.mount()
    order = machines.order(
        "mail01 systemctl stop relevo-storage-copy.service", "mail02 systemctl stop relevo-storage-copy.service",
        "mail02 systemctl stop relevo-next-store.service", "mail01 systemctl start relevo-next-store.service",
    )
    assert order == sorted(order)


def test_a_copy_that_does_not_end_is_told(copy: StoreCopy, machines: Machines):
    machines.answers = {"--property=ActiveState": "active\n"}
    with pytest.raises(NodeError, match="does not end"):
        copy.clear()


def test_files_of_somebody_else_are_not_overwritten(copy: StoreCopy, machines: Machines):
    machines.answers["find -quit"] = "/srv/relevo/next/photos\n"
    with pytest.raises(NodeError, match=r"/srv/relevo/export \(nfs\) holds files .* photos among them: empty it first"):
        copy.mount()
    assert not machines.heard("umask")


BEGUN = {
    "/srv/relevo/next/.relevo-move":
        "parati chocolatesparati.com.bo glusterfs /srv/relevo/brick nfs /srv/relevo/export\n",
}
LEFT = {
    "/var/lib/relevo/left-nfs": "/srv/relevo/export\n",
    "/srv/mail/.relevo/database": "one",
    "/srv/relevo/next/.relevo/database": "one",
}


@pytest.mark.parametrize("files", [BEGUN, LEFT])
def test_what_is_of_this_move_or_was_left_by_the_mail_is_gone_on_with(
    copy: StoreCopy, machines: Machines, monkeypatch: pytest.MonkeyPatch, files: dict[str, str],
):
    machines.answers["find -quit"] = "/srv/relevo/next/mailboxes"
    monkeypatch.setattr(StoreCopy, "_read", lambda _self, path: files.get(path, ""))
    copy.mount()
    assert machines.heard("umask .relevo-move")


@pytest.mark.parametrize("files", [
    {path: text.replace("parati ", "another ") for path, text in BEGUN.items()},
    {**LEFT, "/var/lib/relevo/left-nfs": "/srv/elsewhere\n"},
    {**LEFT, "/srv/relevo/next/.relevo/database": "other"},
    {"/var/lib/relevo/left-nfs": "/srv/relevo/export\n"},
])
def test_what_another_platform_has_there_is_not(
    copy: StoreCopy, machines: Machines, monkeypatch: pytest.MonkeyPatch, files: dict[str, str],
):
    machines.answers["find -quit"] = "/srv/relevo/next/mailboxes"
    monkeypatch.setattr(StoreCopy, "_read", lambda _self, path: files.get(path, ""))
    with pytest.raises(NodeError, match="empty it first"):
        copy.mount()


def test_a_store_without_room_is_refused_only_when_the_mail_itself_is_too_much(copy: StoreCopy, machines: Machines):
    machines.answers = {"df --output=avail": "Avail\n2147483648\n", "df --output=used": "Used\n4294967296\n",
                        "du /srv/mail": "1000\t/srv/mail\n", "du /srv/relevo/next": "10\t/srv/relevo/next\n",
                        "--property=ActiveState": "inactive\n"}
    copy.mount()
    machines.answers["du /srv/mail"] = "3221225472\t/srv/mail\n"
    with pytest.raises(NodeError, match=r"has 2\.0 GiB free, and 3\.0 GiB are to be copied"):
        copy.mount()


def test_rounds_end_when_one_is_short_or_after_five(
    copy: StoreCopy, machines: Machines, monkeypatch: pytest.MonkeyPatch
):
    copy.rounds()
    assert len(machines.told) == 1
    machines.told.clear()
    monkeypatch.setattr(store_copy, "SHORT_SECONDS", 0.0)
    copy.rounds()
    assert len(machines.told) == store_copy.MOST_ROUNDS


@pytest.mark.parametrize("failures", [1, 2])
def test_a_last_copy_that_failed_is_said_and_tried_once_more(
    failures: int, copy: StoreCopy, machines: Machines, said: list[str], monkeypatch: pytest.MonkeyPatch,
):
    left, run = [CommandFailed("rsync ended with 23")] * failures, machines.run

    def fails_at_first(node: Node, argv: Sequence[str], **more: object) -> str:
        if "rsync" in argv and left:
            raise left.pop()
        return run(node, argv, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(machines, "run", fails_at_first)
    with nullcontext() if failures == 1 else pytest.raises(CommandFailed, match="rsync ended with 23"):
        copy.last()
    assert said == ["rsync ended with 23"]


def test_bricks_are_synced_where_they_are(cluster: Cluster, machines: Machines, said: list[str]):
    storage = cluster.storage.model_copy(update={"kind": "nfs", "moving_to": "glusterfs"})
    StoreCopy(cluster.with_storage(storage), machines, cluster.nodes["mail01"], said.append).last()
    for node in ("mail01", "mail02", "storage01"):
        assert machines.heard(f"{node} sync -f /srv/relevo/brick")


def test_files_are_counted_without_what_is_no_mail(tmp_path: Path, copy: StoreCopy, machines: Machines):
    for name in ("mailboxes/a/new/1", "mailboxes/a/cur/2", "queue/mail01/active/q", ".relevo/mail01/probe",
                 ".relevo-move", "lost+found/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    machines.run = lambda _node, argv, **_more: subprocess.run(  # type: ignore[method-assign]
        argv, capture_output=True, text=True, check=True).stdout
    assert copy._count(str(tmp_path)) == 3  # noqa: SLF001 - the command is what matters


# --- what a mail node says --------------------------------------------------------------------------------------------


def test_a_mail_node_says_where_its_mail_is():
    place = parse_place("mail01", STORE)
    assert (place.store.kind, place.mounts, place.serves) == ("glusterfs", "glusterfs", True)
    assert not parse_place("mail01", STORE.replace("active", "inactive", 1)).serves
    with pytest.raises(NodeError, match="no part of the platform"):
        parse_place("mail01", "unit inactive\n")


@pytest.mark.parametrize(
    ("unit", "kind"),
    [("mail01/etc/systemd/system/relevo-storage.service", "glusterfs"), ("nfs.service", "nfs"),
     ("external.service", "external")],
)
def test_the_kind_is_read_from_the_unit_itself(unit: str, kind: str):
    command = ["sh", "-c", 'sed -n "$0" "$1"', moving._KIND, str(GOLDEN / "storage" / unit)]  # noqa: SLF001
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == f"mounts {kind}\n"


def test_the_machines_own_file_is_read_on_the_machine(tmp_path: Path):
    file = tmp_path / "relevo.toml"
    question = stores.QUESTION.replace("/etc/relevo/relevo.toml", str(file))
    ask = ["sh", "-c", f"{question}; true"]
    assert subprocess.run(ask, capture_output=True, text=True, check=True).stdout == ""
    file.write_text('[storage]\nkind = "external"\nexternal_source = "10.0.0.5:/ the mail"\n')
    store = stores.parse(subprocess.run(ask, capture_output=True, text=True, check=True).stdout)
    assert store is not None
    assert (store.kind, store.place) == ("external", "10.0.0.5:/ the mail")
    file.write_text("[cluster]\n")
    plain = stores.parse(subprocess.run(ask, capture_output=True, text=True, check=True).stdout)
    assert plain is not None
    assert plain.kind == "glusterfs"
