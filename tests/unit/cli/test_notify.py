"""`relevo init`, `check` and `notify test`, as far as they are about who is told of a failure."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from relevo.cli import notify
from relevo.cli.main import build
from relevo.errors import ConfigurationError, RelevoError
from relevo.operate import notifications
from relevo.operate.notifications import Trial

TRIALS = (Trial(2, "mailto", ""), Trial(5, "tgram", "the other side answers 401 (HTTP)"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build("init")(["init", str(tmp_path / "here")], standalone_mode=False)
    return tmp_path / "here"


def run(*words: str) -> int:
    return build(words[0])(list(words), standalone_mode=False)


def test_init_writes_a_private_file_that_names_nobody(folder: Path):
    path = folder / "notify.urls"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert all(line.startswith("#") for line in path.read_text().splitlines())


def test_check_says_that_nobody_would_be_told(folder: Path, capsys):
    run("check", "--file", str(folder / "relevo.toml"))
    assert "Nobody will be told" in capsys.readouterr().err


def test_check_names_the_line_and_shows_no_address(folder: Path):
    pytest.importorskip("apprise")
    (folder / "notify.urls").write_text("# me\nmailto://sesame@\n")
    with pytest.raises(ConfigurationError, match=r"line 2 \(mailto\)") as caught:
        run("check", "--file", str(folder / "relevo.toml"))
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(("trials", "code"), [(TRIALS, 1), (TRIALS[:1], 0), ((), 1)])
def test_each_way_is_told_and_the_exit_code_says_whether_all_work(folder: Path, monkeypatch, capsys, trials, code: int):
    monkeypatch.setattr(notify, "try_there", lambda *_: trials)
    assert run("notify", "test", "--file", str(folder / "relevo.toml")) == code
    said = capsys.readouterr()
    for trial in trials:
        assert f"{trial.line}" in said.out
        assert (trial.why or "got through") in said.out
    assert trials or "There is no way to anybody" in said.err


def test_json(folder: Path, monkeypatch, capsys):
    monkeypatch.setattr(notify, "try_there", lambda *_: TRIALS)
    run("notify", "test", "--format", "json", "--file", str(folder / "relevo.toml"))
    ways = json.loads(capsys.readouterr().out)["ways"]
    assert [way["works"] for way in ways] == [True, False]


def test_from_here_the_file_beside_the_cluster_file_is_used(folder: Path, monkeypatch):
    pytest.importorskip("apprise")
    (folder / "notify.urls").write_text("\njson://127.0.0.1/x\n")
    sent = []
    monkeypatch.setattr(notifications, "send", lambda way, message: sent.append((way.line, message.title)) or "")
    assert run("notify", "test", "--here", "--file", str(folder / "relevo.toml")) == 0
    assert sent == [(2, "Relevo parati: test")]


def test_what_is_no_answer_is_said(monkeypatch):
    monkeypatch.setattr(notifications, "ask", lambda *_: "nothing is here\n")
    with pytest.raises(RelevoError, match="JSON"):
        notifications.try_on_this_node()
    monkeypatch.setattr(notifications, "ask", _refuse)
    with pytest.raises(RelevoError, match="runs on the storage machine"):
        notifications.try_on_this_node()


def _refuse(*_: object) -> str:
    raise ConnectionRefusedError(111, "Connection refused")
