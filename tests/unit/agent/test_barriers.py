"""The order of the steps, and what becomes of failures; that the tables work is shown in tests/integration."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from relevo.agent import barriers
from relevo.agent.barriers import BarrierError, Barriers, run
from relevo.agent.quotas import Quotas
from relevo.cluster import wires
from relevo.services.fence import settings

A, B, VIP = "192.168.100.11", "192.168.100.12", "192.168.100.100"
PORTS = ("24007:24008", "2049")
ADD = ("nft", "add", "element", "inet", "relevo_fence", "cut", f"{{ {A} }}")


class Recorder:
    """Stands for the machine: notes each command, and what the file held when it came."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "fence.d" / "cut.nft"
        self.file.parent.mkdir()
        self.commands: list[tuple[str, ...]] = []
        self.held: list[str] = []
        self.elements: list[str] = []
        self.failures = 0

    def __call__(self, command: Sequence[str]) -> str:
        self.commands.append(tuple(command))
        self.held.append(self.file.read_text() if self.file.exists() else "")
        if self.failures:
            self.failures -= 1
            raise BarrierError("failed")
        return json.dumps({"nftables": [{"metainfo": {}}, {"set": {"elem": self.elements}}]})


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path)


@pytest.fixture
def both(recorder: Recorder, tmp_path: Path) -> Barriers:
    return Barriers(VIP, PORTS, str(tmp_path), run=recorder)


def test_the_names_are_those_of_the_service():
    assert (barriers.FENCE_TABLE, barriers.GATE_TABLE) == (wires.FENCE_TABLE, wires.GATE_TABLE)
    assert (barriers.FENCE_FILE, barriers.GATE_FILE) == (settings.FENCE_FILE, settings.GATE_FILE)
    assert f"{wires.STATE_DIRECTORY}/{barriers.KEPT_FILE}".rpartition("/")[0] == settings.KEPT_FOLDER


def test_to_cut_off_is_kept_first_then_dropped_then_ended(both: Barriers, recorder: Recorder):
    both.cut(A)
    assert [command[:2] for command in recorder.commands] == [("nft", "add"), ("ss", "--kill")]
    assert recorder.commands[0] == ADD
    assert all(f"add element inet relevo_fence cut {{ {A} }}\n" in held for held in recorder.held)


def test_to_let_in_is_done_first_and_forgotten_then(both: Barriers, recorder: Recorder):
    both.cut(A)
    both.cut(B)
    assert f"{{ {A}, {B} }}" in recorder.file.read_text()
    recorder.elements = [A, B]
    both.let_in(A)
    assert recorder.commands[-1] == ("nft", "delete", *ADD[2:])
    assert A in recorder.held[-1]
    assert A not in recorder.file.read_text()
    assert B in recorder.file.read_text()


def test_the_last_one_takes_the_file_along_and_nothing_is_left_beside_it(both: Barriers, recorder: Recorder):
    both.cut(A)
    recorder.elements = [A]
    both.let_in(A)
    assert list(recorder.file.parent.iterdir()) == []


def test_what_could_not_be_let_in_stays_kept(both: Barriers, recorder: Recorder):
    both.cut(A)
    recorder.failures = 1
    with pytest.raises(BarrierError):
        both.let_in(A)
    assert A in recorder.file.read_text()


def test_only_connections_over_the_storages_ports_are_ended(both: Barriers, recorder: Recorder):
    both.end_storage_connections(A)
    condition = (
        "( ( sport >= :24007 and sport <= :24008 ) or ( dport >= :24007 and dport <= :24008 )"
        " or sport = :2049 or dport = :2049 )"
    )
    assert recorder.commands == [("ss", "--kill", "--no-header", "--numeric", "--tcp", "dst", A, condition)]


def test_a_lost_table_is_loaded_once_and_the_failure_told_if_that_does_not_help(both: Barriers, recorder: Recorder):
    recorder.failures = 1
    both.cut(A)
    assert recorder.commands[:3] == [ADD, ("nft", "--file", "/etc/relevo/fence.nft"), ADD]
    recorder.failures = 2
    with pytest.raises(BarrierError):
        both.open_gate()


def test_a_place_that_takes_no_file_is_told(recorder: Recorder, tmp_path: Path):
    with pytest.raises(BarrierError, match=r"fence\.d/cut\.nft can't be written: No such file"):
        Barriers(VIP, PORTS, str(tmp_path / "nowhere"), run=recorder).cut(A)
    assert recorder.commands == []


@pytest.mark.parametrize("wrong", ["", "mail01", "192.168.100.11 }; flush ruleset", "fd00::1"])
def test_only_an_ipv4_address_is_taken(both: Barriers, recorder: Recorder, wrong: str):
    for act in (both.cut, both.let_in, both.end_storage_connections):
        with pytest.raises(BarrierError, match="IPv4"):
            act(wrong)
    assert recorder.commands == []


@pytest.mark.parametrize("answer", ["", "{}", '{"nftables": [{"set": 1}]}'])
def test_an_answer_that_is_not_understood_is_no_empty_set(tmp_path: Path, answer: str):
    with pytest.raises(BarrierError, match="not understood"):
        Barriers(VIP, PORTS, str(tmp_path), run=lambda _: answer).cut_now()


def test_a_command_that_fails_says_what_was_wrong():
    script = "echo 'Error: No such file or directory' >&2; echo 'list set inet x' >&2; echo '   ^^^' >&2; exit 1"
    with pytest.raises(BarrierError, match=r"failed: Error: No such file or directory$"):
        run(["sh", "-c", script])
    with pytest.raises(BarrierError, match=r"failed: second$"):
        run(["sh", "-c", "echo first >&2; echo second >&2; exit 1"])
    with pytest.raises(BarrierError, match="could not be started: No such file"):
        run(["/nonexistent"])


def test_a_command_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(barriers, "COMMAND_SECONDS", 0.1)
    begun = time.monotonic()
    with pytest.raises(BarrierError, match=r"took more than 0\.1 s"):
        run(["sleep", "5"])
    assert time.monotonic() - begun < 2


def test_the_gate_opens_and_shuts_for_both_families_at_once(recorder: Recorder, tmp_path: Path):
    gate = Barriers(VIP, PORTS, str(tmp_path), run=recorder, vip6="fd00:100::100")
    gate.open_gate()
    gate.close_gate()
    assert [" ".join(command) for command in recorder.commands] == [
        f"nft add element inet relevo_gate open {{ {VIP} }} ; add element inet relevo_gate open6 {{ fd00:100::100 }}",
        "nft flush set inet relevo_gate open ; flush set inet relevo_gate open6",
    ]


@pytest.mark.parametrize(("elements", "is_open"), [([], False), ([VIP], True), (["fd00:100::100"], True)])
def test_a_gate_that_is_open_for_one_family_is_not_shut(recorder: Recorder, tmp_path: Path, elements, is_open: bool):
    recorder.elements = elements
    assert Barriers(VIP, PORTS, str(tmp_path), run=recorder, vip6="fd00:100::100").gate_is_open() is is_open


def test_clients_of_both_families_are_ended(recorder: Recorder, tmp_path: Path):
    Barriers(VIP, PORTS, str(tmp_path), run=recorder, vip6="fd00:100::100").end_client_connections()
    assert [command[-2:] for command in recorder.commands] == [("src", VIP), ("src", "[fd00:100::100]")]


def test_quotas_are_asked_for_while_the_gate_is_open(tmp_path):
    link = tmp_path / "quota"
    gate = Barriers(VIP, PORTS, str(tmp_path), run=lambda _: "", quotas=Quotas("/run/asked", str(link)))
    gate.open_gate()
    gate.open_gate()
    assert str(link.readlink()) == "/run/asked"
    gate.close_gate()
    gate.close_gate()
    assert not link.is_symlink()


def test_a_gate_that_can_not_be_closed_lets_nobody_ask_all_the_same(tmp_path):
    link = tmp_path / "quota"

    def fails(command):
        raise BarrierError("no")

    Quotas("/run/asked", str(link)).may_be_asked()
    with pytest.raises(BarrierError):
        Barriers(VIP, PORTS, str(tmp_path), run=fails, quotas=Quotas("/run/asked", str(link))).close_gate()
    assert not link.is_symlink()


def test_who_is_cut_off_loses_its_locks_and_a_server_that_keeps_them_does_not_keep_it_in(
    recorder: Recorder, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    freed: list[str] = []

    def expire(address: str) -> int:
        freed.append(address)
        assert recorder.commands[-1][0] == "ss"  # nothing of it comes any more
        raise OSError("no such state")

    Barriers(VIP, ("2049",), str(tmp_path), run=recorder, expire=expire).cut(A)
    assert freed == [A]
    assert "until its lease ends: no such state" in caplog.text
    assert A in recorder.file.read_text()
