from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from pyinfra.api import Config, Inventory, State
from pyinfra.api.connect import connect_all
from pyinfra.api.state import StateStage
from pyinfra.context import ctx_host, ctx_state

from relevo.deploy import events
from relevo.deploy.events import CHANGE, SAME, Event
from relevo.deploy.files import config_tree, directory
from relevo.deploy.operations import step
from relevo.deploy.shell import CommandFailed
from relevo.services.base import File

ME = {"owner": pwd.getpwuid(os.getuid()).pw_name, "group": grp.getgrgid(os.getgid()).gr_name}
Mode = Callable[[], AbstractContextManager[list[Event]]]


@contextmanager
def run(*, applying: bool) -> Iterator[list[Event]]:
    state = State(Inventory((["@local"], {})), Config(), check_for_changes=not applying)
    state.current_stage = StateStage.Prepare
    connect_all(state)
    state.is_executing = applying
    heard: list[Event] = []
    events.listen(heard.append)
    with ctx_state.use(state), ctx_host.use(state.inventory.get_host("@local")):
        yield heard


@contextmanager
def planning() -> Iterator[list[Event]]:
    with run(applying=False) as heard:
        yield heard


@contextmanager
def applying() -> Iterator[list[Event]]:
    with run(applying=True) as heard:
        yield heard


def test_a_plan_shows_the_difference_and_writes_nothing(tmp_path: Path):
    path = tmp_path / "main.cf"
    path.write_text("a = 1\n")
    with planning() as heard:
        config_tree([File(str(path), "a = 2\n", **ME)])
    assert "-a = 1" in heard[0].diff
    assert "+a = 2" in heard[0].diff
    assert path.read_text() == "a = 1\n"
    assert list(tmp_path.iterdir()) == [path]


def test_an_apply_writes_and_the_next_has_nothing_to_do(tmp_path: Path):
    file = File(str(tmp_path / "deep/er/main.cf"), "a = 2\n", mode=0o640, **ME)
    with applying() as heard:
        config_tree([file])
        config_tree([file])
    assert [event.kind for event in heard] == [CHANGE, SAME]
    assert (tmp_path / "deep/er/main.cf").stat().st_mode & 0o777 == 0o640


def test_secret_content_is_in_no_event(tmp_path: Path):
    with planning() as heard:
        config_tree([File(str(tmp_path / "sql.cf"), "password = hunter2hunter2\n", secret=True, **ME)])
    assert "hunter2" not in "".join(event.to_json() for event in heard)


def test_a_file_its_own_checker_refuses_changes_nothing(tmp_path: Path):
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text("old")
    with applying(), pytest.raises(CommandFailed, match="false"):
        config_tree([File(str(good), "new", **ME), File(str(bad), "x", check=("false", "{}"), **ME)])
    assert good.read_text() == "old"
    assert list(tmp_path.iterdir()) == [good]


def test_a_tree_its_checker_refuses_is_put_back(tmp_path: Path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("old")
    with applying(), pytest.raises(CommandFailed):
        config_tree([File(str(old), "changed", **ME), File(str(new), "x", **ME)], checks=[["false"]])
    assert old.read_text() == "old"
    assert not new.exists()


def test_a_wrong_mode_alone_is_a_change(tmp_path: Path):
    path = tmp_path / "key.pem"
    path.write_text("k")
    path.chmod(0o644)
    with applying() as heard:
        config_tree([File(str(path), "k", mode=0o600, **ME)])
    assert [event.kind for event in heard] == [CHANGE]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_in_the_place_of_a_file_is_replaced_not_followed(tmp_path: Path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("mine")
    link.symlink_to(target)
    with applying():
        config_tree([File(str(link), "ours", **ME)])
    assert target.read_text() == "mine"
    assert not link.is_symlink()


def test_a_directory_gets_its_mode(tmp_path: Path):
    with applying() as heard:
        directory(str(tmp_path / "d"), mode=0o750, **ME)
        directory(str(tmp_path / "d"), mode=0o750, **ME)
    assert [event.kind for event in heard] == [CHANGE, SAME]


def test_a_step_acts_only_when_needed_and_its_error_comes_through():
    def fail() -> None:
        raise CommandFailed("the disk is full")

    with applying() as heard:
        step("nothing", lambda: None, fail)
        with pytest.raises(CommandFailed, match="the disk is full"):
            step("something", lambda: "do it", fail)
    assert [event.kind for event in heard] == [SAME]
