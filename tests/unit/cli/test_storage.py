"""`relevo storage move`: what it asks for, and in which order it does what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from relevo.cli import apply, storage
from relevo.cli.main import build
from relevo.cluster.load import parse
from relevo.cluster.model import StorageSection
from relevo.cluster.new import example, fill
from relevo.errors import RelevoError, UsageError
from relevo.operate.storage_move import Step, both

NFS = {("storage", "kind"): '"nfs"'}


class Work:
    """A move that writes down what is done; it stands for the copy, too."""

    def __init__(self, step: Step, done: list[str]) -> None:
        self.step, self.done = step, done
        self.building = both(StorageSection(), StorageSection(kind="nfs"))

    def look(self) -> Step:
        return self.step

    def where_old(self) -> str:
        return "The old store is as it was."

    def demand_well(self, *, built: bool = False) -> None:
        self.done.append("demand well, built" if built else "demand well")

    @contextmanager
    def _around(self, name: str) -> Iterator[Work]:
        self.done.append(name)
        yield self

    def copied(self):
        return self._around("copied")

    def paused(self):
        return self._around("paused")

    def going_on(self):
        return self._around("going on")

    def __getattr__(self, name: str):
        return lambda: self.done.append(name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "relevo.toml"
    path.write_text(fill(example(), NFS))
    return path


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []

    @contextmanager
    def lock(*_words: object) -> Iterator[None]:
        told.append("locked")
        yield
        told.append("free")

    def converge(_path: Path, _why: str, text: str) -> None:
        kinds = parse(text, "text", of_node=True).storage.kinds
        told.append(f"built {' and '.join(kinds)}")

    monkeypatch.setattr(storage, "cluster_lock", lock)
    monkeypatch.setattr(storage, "_switch", lambda *_words: told.append("switch"))
    monkeypatch.setattr(apply, "converge", converge)
    return told


def move(monkeypatch: pytest.MonkeyPatch, file: Path, step: Step, done: list[str], kind: str = "nfs") -> None:
    monkeypatch.setattr(storage, "StorageMove", lambda *_words: Work(step, done))
    build("storage")(["storage", "move", kind, "--file", str(file)], standalone_mode=False)


def test_the_kind_that_is_named_must_be_the_files(file: Path, done: list[str], monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(UsageError, match='says kind = "nfs"'):
        move(monkeypatch, file, Step.BEGIN, done, "external")
    assert done == []


def test_a_move(file: Path, done: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    move(monkeypatch, file, Step.BEGIN, done)
    assert done == [
        "locked", "demand well", "free", "built glusterfs and nfs", "locked", "demand well, built", "copied", "paused",
        "last", "compare", "clear", "free", "switch", "finish",
    ]
    assert "The mail is in nfs now, and all is whole." in capsys.readouterr().err


def test_services_that_an_interrupted_move_left_stopped_start_first(
    file: Path, done: list[str], monkeypatch: pytest.MonkeyPatch
):
    move(monkeypatch, file, Step.RESUME, done)
    assert done[:3] == ["locked", "resume", "demand well"]
    assert done[-2:] == ["switch", "finish"]


def test_an_interrupted_switch_goes_on_without_a_copy(file: Path, done: list[str], monkeypatch: pytest.MonkeyPatch):
    move(monkeypatch, file, Step.SWITCH, done)
    assert done == ["going on", "switch", "finish"]


def test_nothing_is_done_when_the_mail_is_there(
    file: Path, done: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    move(monkeypatch, file, Step.NOTHING, done)
    assert done == []
    assert "nothing to move" in capsys.readouterr().err


def test_no_copy_when_the_new_store_can_not_be_built(file: Path, done: list[str], monkeypatch: pytest.MonkeyPatch):
    def broken(*_words: object) -> None:
        raise RelevoError("no such package")

    monkeypatch.setattr(apply, "converge", broken)
    with pytest.raises(RelevoError, match="no such package"):
        move(monkeypatch, file, Step.BEGIN, done)
    assert done == ["locked", "demand well", "free"]
