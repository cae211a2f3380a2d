from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from relevo.cluster import wires
from relevo.cluster.model import MailSection
from relevo.services.base import Context, File
from relevo.services.postfix.deploy import listens
from relevo.services.postfix.one_unit import leftover
from relevo.services.postfix.render import render
from relevo.services.postfix.settings import LIST_POSTER, OWN_UNIT_FILE, QUEUE_UNIT, RUNNING
from relevo.services.releases import DEBIAN_12, Release
from tests.unit.services.golden import check_golden


def _file(ctx: Context, path: str) -> File:
    return next(file for file in render(ctx) if file.path == path)


def _with_mail(ctx: Context, **keys: object) -> Context:
    return replace(ctx, cluster=ctx.cluster.model_copy(update={"mail": MailSection(**keys)}))


@pytest.mark.parametrize("node", ["mail01", "mail02"])
def test_golden(context: Callable[[str], Context], node: str) -> None:
    check_golden("postfix", context(node))


def test_a_unit_of_our_own_stands_only_where_the_package_has_none(
    context: Callable[[str], Context], context_of: Callable[[str, Release], Context], tmp_path: Path
) -> None:
    assert OWN_UNIT_FILE not in [file.path for file in render(context("mail01"))]
    ours, theirs, none = tmp_path / "ours", tmp_path / "theirs", tmp_path / "none"
    ours.write_bytes(_file(context_of("mail01", DEBIAN_12), OWN_UNIT_FILE).data)
    theirs.write_text("# by an administrator\n", encoding="utf-8")
    assert "remove" in (leftover(ours) or "")
    assert (leftover(theirs), leftover(none)) == (None, None)


def test_the_password_is_only_in_secret_files_that_root_and_their_reader_can_read(
    context: Callable[[str], Context],
) -> None:
    for file in render(context("mail01")):
        assert (b"secret-database-postfix" in file.data) == file.secret
        assert not file.secret or file.mode == 0o640


def test_each_node_has_a_queue_of_its_own(context: Callable[[str], Context]) -> None:
    for node in ("mail01", "mail02"):
        main = str(_file(context(node), "/etc/postfix/main.cf").content)
        assert f"\nqueue_directory = {wires.SPOOL}\n" in main
        unit = str(_file(context(node), f"/etc/systemd/system/{QUEUE_UNIT}").content)
        assert f"\nExecStart={wires.QUEUE_LINKS_COMMAND} /srv/mail/queue/{node} {wires.SPOOL}\n" in unit


def test_relay_host_and_limits_follow_the_cluster_file(context: Callable[[str], Context]) -> None:
    ctx = context("mail01")
    assert b"relayhost" not in _file(ctx, "/etc/postfix/main.cf").data
    changed = _with_mail(ctx, relay_host="[smtp.isp.example]:587", message_size_mb=7, client_messages_per_minute=0)
    main = _file(changed, "/etc/postfix/main.cf").content
    assert "relayhost = [smtp.isp.example]:587\n" in main
    assert f"message_size_limit = {7 * 1024 * 1024}\n" in main
    assert "smtpd_client_message_rate_limit = 0\n" in main


def _ask_list_poster(ctx: Context, tmp_path: Path, look_up: str) -> list[str]:
    """Run the rendered program with another command in place of postmap, and return its answers to two requests."""
    command = tmp_path / "look-up"
    command.write_text(f"#!/bin/sh\n{look_up}\n")
    command.chmod(0o755)
    program = tmp_path / "list-poster"
    program.write_text(str(_file(ctx, LIST_POSTER).content).replace("/usr/sbin/postmap", str(command)))
    request = "request=smtpd_access_policy\nsender={}\nrecipient=todos@example.org\n\n"
    done = subprocess.run(
        [sys.executable, "-I", program], input=request.format("Alice@example.org") + request.format(""),
        capture_output=True, text=True, timeout=20, check=True,
    )
    return [line for line in done.stdout.splitlines() if line]


def test_list_poster_passes_recipient_and_sender_on(context: Callable[[str], Context], tmp_path: Path) -> None:
    look_up = '[ "$2" = "todos@example.org alice@example.org" ] && echo yes || echo no'
    allowed, refused = _ask_list_poster(context("mail01"), tmp_path, look_up)
    assert allowed == "action=DUNNO"
    assert refused.startswith("action=550 5.7.1 ")


@pytest.mark.parametrize("look_up", ["exit 1", "echo maybe", "echo yes; echo no"])
def test_list_poster_defers_when_the_look_up_says_neither_yes_nor_no(
    context: Callable[[str], Context], tmp_path: Path, look_up: str
) -> None:
    answers = _ask_list_poster(context("mail01"), tmp_path, look_up)
    assert [answer[:11] for answer in answers] == ["action=451 ", "action=451 "]


def _run_links(context: Callable[[str], Context], tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run the script on folders of its own, as whoever runs the tests."""
    text = str(_file(context("mail01"), wires.QUEUE_LINKS_COMMAND).content)
    script = tmp_path / "queue-links"
    script.write_text(re.sub(r"(?m)^( *)chown .*$", r"\1:", re.sub(r" -o \w+ -g \w+ ", " ", text)))
    command = ["sh", str(script), str(tmp_path / "queue"), str(tmp_path / "spool")]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_the_spool_is_local_and_links_to_the_messages(context: Callable[[str], Context], tmp_path: Path) -> None:
    (tmp_path / "spool" / "deferred" / "A").mkdir(parents=True)  # as the package makes it
    for _again in range(2):
        assert _run_links(context, tmp_path).returncode == 0
        assert (tmp_path / "spool" / "deferred").readlink() == tmp_path / "queue" / "deferred"
        links = {path.name for path in (tmp_path / "spool").iterdir() if path.is_symlink()}
        assert {path.name for path in (tmp_path / "spool").iterdir()} - links == set(RUNNING)
        assert links == {path.name for path in (tmp_path / "queue").iterdir()}
    (tmp_path / "spool" / "incoming" / "message").touch()
    (tmp_path / "spool" / "incoming" / "message").rename(tmp_path / "spool" / "active" / "message")  # as qmgr(8) does


def test_mail_that_lies_in_the_old_place_is_neither_deleted_nor_hidden(
    context: Callable[[str], Context], tmp_path: Path
) -> None:
    old = tmp_path / "spool" / "maildrop"
    old.mkdir(parents=True)
    (old / "message").touch()
    done = _run_links(context, tmp_path)
    assert done.returncode == 1
    assert f"{old} holds mail" in done.stderr
    assert (old / "message").exists()


_MASTER = """
./qmgr 60 &
sh -c 'exec 3< active/message; echo begun; sleep {seconds}; echo done' &
wait
"""


@contextmanager
def _postfix(folder: Path, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """Run a master with a queue manager and an agent that has a message open for so long, in a group of their own."""
    for name in ("pid", "active"):
        (folder / name).mkdir()
    (folder / "active" / "message").touch()
    shutil.copy("/bin/sleep", folder / "qmgr")
    command = ["sh", "-c", _MASTER.format(seconds=seconds)]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, start_new_session=True) as master:
        try:
            assert master.stdout
            assert master.stdout.readline() == "begun\n"
            (folder / "pid" / "master.pid").write_text(f"{master.pid:>33}\n")
            yield master
        finally:
            os.killpg(master.pid, signal.SIGKILL)


def _finish(context: Callable[[str], Context], folder: Path, seconds: int) -> str:
    """Run the script as the unit does; return what it says."""
    script = folder / "finish-deliveries"
    script.write_text(str(_file(context("mail01"), wires.FINISH_COMMAND).content))
    command = ["sh", str(script), str(folder), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def _children(master: subprocess.Popen[str]) -> set[str]:
    """Return the names of the master's children that have not ended."""
    parents = (path.read_text() for path in Path("/proc").glob("[0-9]*/status"))
    own = (text for text in parents if f"PPid:\t{master.pid}\n" in text and "State:\tZ" not in text)
    return {text.partition("\n")[0].split()[1] for text in own}


def test_a_stop_waits_for_what_is_being_delivered_and_lets_nothing_begin(
    context: Callable[[str], Context], tmp_path: Path
) -> None:
    with _postfix(tmp_path, 0.6) as master:
        assert "qmgr" in _children(master)
        assert not _finish(context, tmp_path, 10)
        assert not _children(master)  # its queue manager was ended, its agent had come to its end
        assert "State:\tT (stopped)" in Path(f"/proc/{master.pid}/status").read_text()
        assert master.stdout
        assert master.stdout.readline() == "done\n"


def test_a_delivery_that_takes_too_long_is_not_waited_for(context: Callable[[str], Context], tmp_path: Path) -> None:
    with _postfix(tmp_path, 60):
        assert "1 deliveries of" in _finish(context, tmp_path, 1)


def test_a_postfix_that_is_not_there_needs_no_end(context: Callable[[str], Context], tmp_path: Path) -> None:
    assert not _finish(context, tmp_path, 10)


def test_whether_it_listens_by_ipv6_is_read_from_the_kernels_table():
    head = "  sl  local_address remote_address st tx_queue rx_queue\n"
    listener = "   0: 00000000000000000000000000000000:0019 00000000000000000000000000000000:0000 0A 0:0 0:0\n"
    session = "   1: 000000FD000000000000000000000100:0019 000000FD000000000000000000000050:9C40 01 0:0 0:0\n"
    assert listens(head + listener + session, 25)
    assert not listens(head + session, 25)
    assert not listens(head + listener, 587)
    assert not listens(head, 25)
