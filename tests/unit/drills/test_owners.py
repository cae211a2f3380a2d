"""The drill `owners`: its schedules are reproducible and mend themselves; what it makes on machines is removed."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from relevo.cli import drill as verb
from relevo.drills import mishaps, writers
from relevo.drills.catalogue import DRILLS
from relevo.drills.mishaps import KINDS, LATEST_BEGIN, OVER_SECONDS, Mishap, cast_of, drawn, happen, in_words
from relevo.drills.promises import chaos, owners
from relevo.drills.result import Verdict
from relevo.drills.runner import run_one
from relevo.drills.schedule import ACTIVE, ALL, STANDBY, STORAGE
from relevo.drills.vocabulary import World
from relevo.drills.writers import Chapter, Writers
from relevo.errors import DrillError, UsageError
from tests.unit.drills.conftest import MemoryPlatform

MANY = range(400)
LOG = "".join(f"mail01@1.5 mail01 {number} {number}.5\n" for number in range(40))
FILES = "".join(f"mail01@1.5.{number}\n" for number in range(40))
NOTES = "".join(f"mail01@1.5 {number}\n" for number in range(40))
OPPOSITE = {"CRASH": "BOOT", "UNPLUG": "PLUG IN", "PAUSE": "GO ON", "BLOCK": "UNBLOCK", "HANG": "THAW"}


def test_the_same_seed_gives_the_same_schedule() -> None:
    assert [drawn(seed) for seed in MANY] == [drawn(seed) for seed in MANY]
    assert len({drawn(seed) for seed in MANY}) == len(MANY)


def test_schedules_have_one_to_three_faults_that_overlap_and_are_over_in_time() -> None:
    assert {len(drawn(seed)) for seed in MANY} == {1, 2, 3}
    drawn_ones = [mishap for seed in MANY for mishap in drawn(seed)]
    for one in drawn_ones:
        assert 0 <= one.begins <= LATEST_BEGIN
        assert one.ends <= OVER_SECONDS
        assert one.ends - one.begins >= 2.9 if one.kind.lasts else one.ends == one.begins
        assert {one.role, one.other, one.third} == set(ALL)
        assert "{" not in one.kind.title.format(node="a", one="a", other="b")
    assert {(one.kind, one.role) for one in drawn_ones} == {(kind, role) for kind in KINDS for role in kind.roles}
    together = [one for one in map(drawn, MANY) if len(one) > 1]
    assert sum(max(m.begins for m in one) < min(m.ends for m in one) for one in together) > len(together) / 2


def test_no_fault_touches_what_another_of_the_same_schedule_does() -> None:
    for seed in MANY:
        touched = [thing for mishap in drawn(seed) for thing in mishap.touches]
        assert len(touched) == len(set(touched))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_fault_ends_by_itself(world: World, platform: MemoryPlatform, quick: None, kind: mishaps.Kind) -> None:
    cast = cast_of(world)
    platform.asked.clear()
    assert not happen([Mishap(kind, ACTIVE, STANDBY, STORAGE, 0.0, 0.1)], cast)
    asked = [line.partition(": ") for line in platform.asked]
    begun = [(name, what) for name, _, what in asked if what.split()[0] in OPPOSITE]
    assert len(begun) == (0 if kind.name == "agent" else max(1, len(kind.pairs("a", "b", "c"))))
    for name, what in begun:
        verb, _, rest = what.partition(" ")
        assert (name, ": ", f"{OPPOSITE[verb]} {rest}".strip()) in asked
    node = cast[ACTIVE]
    assert (node.off, node.paused, node.unplugged) == (False, False, False)


def test_what_can_not_be_done_is_told_and_the_others_happen(
    world: World, platform: MemoryPlatform, quick: None,
) -> None:
    cast = cast_of(world)
    platform.broken = ["systemctl kill"]
    kinds = {kind.name: kind for kind in KINDS}
    told = happen([
        Mishap(kinds["agent"], ACTIVE, STANDBY, STORAGE, 0.0, 0.0),
        Mishap(kinds["pause"], STORAGE, ACTIVE, STANDBY, 0.0, 3.0),
    ], cast)
    assert len(told) == 1
    assert told[0].startswith("agent: ")
    assert "storage01: GO ON" in platform.asked


def test_a_schedule_in_words(world: World) -> None:
    kinds = {kind.name: kind for kind in KINDS}
    said = in_words([
        Mishap(kinds["power"], ACTIVE, STANDBY, STORAGE, 0.5, 7.0),
        Mishap(kinds["agent"], STANDBY, ACTIVE, STORAGE, 2.0, 2.0),
        Mishap(kinds["one-way"], STORAGE, STANDBY, ACTIVE, 3.0, 9.5),
    ], cast_of(world))
    assert said.startswith("mail01 loses power (0.5-7 s); the agent of mail02 is killed (2 s); ")
    assert said.endswith("nothing of storage01 reaches mail02 (3-9.5 s)")


@pytest.fixture
def healthy(monkeypatch: pytest.MonkeyPatch, platform: MemoryPlatform, quick: None) -> None:
    monkeypatch.setattr(World, "until_healthy", lambda _world, **_: None)
    platform.says = {"find ": FILES, f"cat {writers.STORE}": LOG, "head": LOG}


def run(world: World, platform: MemoryPlatform, schedules: int = 3, notes: str = NOTES) -> list[tuple[str, Verdict]]:
    original = platform.run

    def answers(node: str, command: list[str], *, within: float, stdin: str | None) -> str:
        said = original(node, command, within=within, stdin=stdin)
        return notes if writers._READ in command and node == "mail01" else said  # noqa: SLF001 - what is asked

    platform.run = answers  # type: ignore[method-assign, assignment]
    result = run_one(world, owners.run_for(schedules, None, 5), lambda *_: None)
    return [(f"{check.name}: {check.obtained}", check.verdict) for check in result.checks]


REMOVED = ["mail01 node", "mail01 store", "mail02 node", "mail02 store"]


def removed(asked: list[str]) -> list[str]:
    """Return what was removed of which node, in its order."""
    found = []
    for line in asked:
        if f"rm -rf {writers.LOCAL}" in line:
            found.append(f"{line[:6]} node")
        if line.endswith(f"rm -rf {writers.STORE}"):
            found.append(f"{line[:6]} store")
    return found


def test_each_schedule_is_a_line_and_all_are_summed_up(world: World, platform: MemoryPlatform, healthy: None) -> None:
    told = run(world, platform)
    assert [verdict for _text, verdict in told] == [Verdict.PASSED] * 4, told
    assert [text.split(":")[0] for text, _verdict in told] == ["seed 5", "seed 6", "seed 7", "all schedules together"]
    assert "360 lines by 9 owners, 360 acknowledged; 0 overlaps, 0 lost" in told[-1][0]


def test_everything_is_removed_in_the_end(world: World, platform: MemoryPlatform, healthy: None) -> None:
    run(world, platform)
    before = ["mail01 node", "mail02 node", "mail01 store"]
    assert removed(platform.asked) == [*before, *REMOVED]
    assert "rm -rf" in platform.asked[-1]


def test_everything_is_removed_also_when_it_fails(world: World, platform: MemoryPlatform, healthy: None) -> None:
    platform.broken = ["systemd-run"]
    told = run(world, platform)
    assert {verdict for _text, verdict in told} == {Verdict.FAILED}
    assert removed(platform.asked)[-4:] == REMOVED


def test_what_can_not_be_removed_is_told(world: World, platform: MemoryPlatform, healthy: None) -> None:
    original = Writers.leave

    def leave(two: Writers) -> None:
        original(two)
        platform.broken = [f"rm -rf {writers.STORE}"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Writers, "leave", leave)
        told = run(world, platform, schedules=1)
    assert [verdict for _text, verdict in told] == [Verdict.PASSED] * 2 + [Verdict.FAILED], "once, by the last"
    platform.broken = []
    assert not world.restore()


def test_a_lost_write_fails_its_schedule_and_keeps_what_was_seen(
    world: World, platform: MemoryPlatform, healthy: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    told = run(world, platform, schedules=1, notes=NOTES + "mail01@1.5 41\n")
    assert [verdict for _text, verdict in told] == [Verdict.FAILED] * 2
    assert "mail01@1.5.41" in told[0][0]
    kept = next(tmp_path.glob("relevo-owners-5-*"))
    assert str(kept) in told[0][0]
    assert (kept / "mailbox.log").read_text() == LOG
    assert (kept / "queue-mail02.mail01.notes").exists()
    assert "mail01@1.5.41" in (kept / "mailbox.found.json").read_text()


def test_a_fault_that_could_not_be_made_is_told(world: World, platform: MemoryPlatform, healthy: None) -> None:
    platform.broken = ["systemctl kill"]
    result = run_one(world, owners.run_for(1, None, 6), lambda *_: None)  # an agent is killed in it
    assert "not done: agent: " in result.checks[0].obtained


def test_a_platform_that_does_not_become_whole_fails_and_is_helped(
    world: World, platform: MemoryPlatform, healthy: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    answers = iter(["", "", "one copy is behind"])

    def until_healthy(_world: World, **_: object) -> None:
        if trouble := next(answers, ""):
            raise DrillError(trouble)

    monkeypatch.setattr(World, "until_healthy", until_healthy)
    told = run(world, platform, schedules=2)
    assert [verdict for _text, verdict in told] == [Verdict.FAILED, Verdict.PASSED, Verdict.PASSED]
    assert "not whole: one copy is behind; 120 lines" in told[0][0]


def test_too_few_lines_prove_nothing(world: World, platform: MemoryPlatform, healthy: None) -> None:
    lines = LOG.splitlines(keepends=True)[:5]
    platform.says[f"cat {writers.STORE}"] = "".join(lines)
    told = run(world, platform, schedules=1, notes="")
    assert told[0][1] is Verdict.FAILED
    assert "too few lines" in told[0][0]


def test_real_machines_are_left_alone(world: World, platform: MemoryPlatform) -> None:
    platform.in_lab = False
    assert run_one(world, owners.DRILL, lambda *_: None).verdict is Verdict.NOT_RUN
    assert not platform.asked


def test_a_writer_that_was_ended_by_a_power_cut_is_started_again(world: World, platform: MemoryPlatform) -> None:
    platform.says = {"head": LOG}
    two = Writers(world)
    two.begin(1)
    platform.asked.clear()
    platform.broken = ["mail02: systemctl is-active"]
    two.go_on()
    assert [line[:6] for line in platform.asked if "systemd-run" in line] == ["mail02"]


SCRIPTS = ("_START", "_STOP", "_READ", "_CLEAR_NODE", "_NEW_BOOK")


@pytest.mark.parametrize("script", [getattr(writers, name) for name in SCRIPTS], ids=SCRIPTS)
def test_the_scripts_are_such(script: str) -> None:
    subprocess.run(["sh", "-n", "-c", script], check=True)


@pytest.mark.parametrize("fails", [0, 1, 3])
def test_a_writer_is_started_with_its_jobs_whatever_they_are(world: World, tmp_path: Path, fails: int) -> None:
    """On a machine whose systemd knows no such unit yet, and has not forgotten the last one `fails` times."""
    (tmp_path / "fails").write_text("x" * fails)
    programs = {
        "systemctl": "exit 5",
        "systemd-run": f"""
            if [ -s {tmp_path}/fails ]; then truncate --size=-1 {tmp_path}/fails; exit 1; fi
            for last; do :; done; printf %s "$last" > {tmp_path}/given""",
    }
    for name, text in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    jobs = json.dumps(Writers(world)._jobs(world.nodes["mail02"]))  # noqa: SLF001
    script = writers._START.replace(writers.LOCAL, str(tmp_path / "local"))  # noqa: SLF001
    done = subprocess.run(
        ["sh", "-c", script, "start", jobs], input="the writer", text=True, check=False, timeout=20,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    assert (tmp_path / "local" / "writer.py").read_text() == "the writer"
    assert done.returncode == (fails == 3)
    if fails < 3:
        assert (tmp_path / "given").read_text() == jobs


def test_a_new_book_is_empty_whatever_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "store" / "7"
    (folder / "new").mkdir(parents=True)
    (folder / "new" / "old").touch()
    for _ in range(2):
        subprocess.run(["sh", "-c", writers._NEW_BOOK, str(folder), "mailbox", "queue"], check=True)  # noqa: SLF001
    assert sorted(path.name for path in folder.rglob("*")) == [
        "log", "log", "mailbox", "new", "new", "queue", "tmp", "tmp",
    ]


def test_notes_that_are_not_there_are_none_and_those_that_are_are_read(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    read = ["sh", "-c", writers._READ, str(path)]  # noqa: SLF001
    assert subprocess.run(read, check=True, capture_output=True).stdout == b""
    path.write_text(NOTES)
    assert subprocess.run(read, check=True, capture_output=True, text=True).stdout == NOTES


def test_a_book_is_judged_by_the_notes_of_both() -> None:
    notes = NOTES.splitlines(keepends=True)
    assert Chapter("", LOG, FILES, {"mail01": "".join(notes[:9]), "mail02": "".join(notes[9:])}).judged().good
    assert not Chapter("", LOG, FILES, {"mail01": NOTES, "mail02": "mail02@2.5 50\n"}).judged().good


def test_a_node_writes_the_mailbox_its_queue_and_the_one_that_it_has_adopted(world: World) -> None:
    jobs = Writers(world)._jobs(world.nodes["mail02"])  # noqa: SLF001
    assert [(job["folder"], job.get("pid_file")) for job in jobs] == [
        ("/srv/mail/.relevo/drill-owners/0/mailbox", None),
        ("/srv/mail/.relevo/drill-owners/0/queue-mail02", "/var/spool/postfix/pid/master.pid"),
        ("/srv/adopted/.relevo/drill-owners/0/queue-mail01", "/var/spool/postfix-adopted/pid/master.pid"),
    ]
    assert len({job["notes"] for job in jobs}) == 3
    assert {job["node"] for job in jobs} == {"mail02"}


def test_it_is_run_only_by_its_name_and_listens_to_its_options() -> None:
    assert owners.DRILL in DRILLS
    assert owners.DRILL.long
    both = (owners.DRILL, chaos.DRILL)
    assert verb._tuned(both[:1], None, None, None)[0].name == "owners"  # noqa: SLF001
    assert [one.name for one in verb._tuned(both, 1.0, 7, 5)] == ["owners", "chaos"]  # noqa: SLF001
    with pytest.raises(UsageError, match="owners"):
        verb._tuned(both[1:], None, None, 5)  # noqa: SLF001
    with pytest.raises(UsageError, match="chaos and owners"):
        verb._tuned(DRILLS[:1], None, 7, None)  # noqa: SLF001


@pytest.mark.parametrize(("options", "wanted"), [
    ((None, None, None), (owners.SCHEDULES, None, owners.SEED)),
    ((30.0, 0, None), (None, 30.0, 0)),
    ((30.0, 7, 200), (200, 30.0, 7)),
])
def test_how_long_it_goes_on(
    monkeypatch: pytest.MonkeyPatch, options: tuple[float | None, int | None, int | None], wanted: tuple[object, ...],
) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(owners, "run_for", lambda *given: asked.append(given))
    verb._tuned([owners.DRILL], *options)  # noqa: SLF001
    assert asked == [wanted]


def test_minutes_end_it(world: World, platform: MemoryPlatform, healthy: None) -> None:
    owners._run(world, None, 1e-9, 1)  # noqa: SLF001
    assert [check.verdict for check in world.recorder.checks] == [Verdict.FAILED], "nothing was tried"
