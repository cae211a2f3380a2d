"""GlusterFS's self-heal daemon of this machine, told from its other processes."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from relevo.agent import gluster
from relevo.agent.gluster import end_healers


def place(proc: Path, pid: int, *words: str) -> None:
    """Let a process have this command line."""
    folder = proc / str(pid)
    folder.mkdir(parents=True)
    (folder / "cmdline").write_bytes("\0".join((*words, "")).encode())


@pytest.mark.parametrize(("words", "ended"), [
    (("/usr/sbin/glusterfs", "-s", "localhost", "--volfile-id", "shd/mail", "-p", "/run/shd.pid"), True),
    (("/usr/sbin/glusterfs", "--process-name=fuse", "--volfile-id=mail", "/srv/mail"), False),
    (("/usr/sbin/glusterfsd", "-s", "mail01", "--volfile-id", "mail.mail01.brick"), False),
    (("grep", "shd/mail"), False),
])
def test_only_the_self_heal_daemon_is_ended(tmp_path: Path, words: tuple[str, ...], ended: bool):
    with subprocess.Popen(["sleep", "--", "60"], stdout=subprocess.PIPE) as process:
        place(tmp_path, process.pid, *words)
        assert end_healers(tmp_path) == ((process.pid,) if ended else ())
        if not ended:
            assert process.poll() is None
            process.terminate()
        assert process.wait(timeout=10) != 0


def test_two_of_them_are_both_ended_and_what_is_no_process_is_passed_over(tmp_path: Path):
    (tmp_path / "self").mkdir()
    (tmp_path / "999999").mkdir()  # it has ended meanwhile
    with subprocess.Popen(["sleep", "60"]) as one, subprocess.Popen(["sleep", "60"]) as other:
        for process in (one, other):
            place(tmp_path, process.pid, "/usr/sbin/glusterfs", "--volfile-id", "shd/mail")
        assert sorted(end_healers(tmp_path)) == sorted((one.pid, other.pid))
        assert one.wait(timeout=10) != 0
        assert other.wait(timeout=10) != 0


def test_a_daemon_is_started_again_while_another_machines_command_is_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
):
    script = tmp_path / "gluster"
    note = tmp_path / "asked"
    script.write_text(f'#!/bin/sh\necho "$*" >> {note}\ntest $(wc -l < {note}) = 3\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(gluster, "end_healers", tuple)
    monkeypatch.setattr(gluster, "_AGAIN_SECONDS", (0.0, 0.0))
    asyncio.run(gluster.renew_healer("mail"))
    asked = note.read_text(encoding="utf-8").splitlines()
    assert asked == ["--mode=script volume start mail force"] * 3
    script.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    monkeypatch.setattr(gluster, "_COMMAND_SECONDS", 0.1)
    with pytest.raises(TimeoutError):
        asyncio.run(gluster.renew_healer("mail"))
