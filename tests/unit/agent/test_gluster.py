"""The self-heal daemon is ended by its own number, and nobody else by a number that was given anew."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from relevo.agent.gluster import end_healer


@pytest.mark.parametrize(("argument", "ended"), [("shd/mail", True), ("brick", False)])
def test_only_the_self_heal_daemon_is_ended(tmp_path: Path, argument: str, ended: bool):
    with subprocess.Popen(["sleep", "--", "60"], stdout=subprocess.PIPE) as process:
        (tmp_path / "pid").write_text(f"{process.pid}\n")
        folder = tmp_path / "proc" / str(process.pid)
        folder.mkdir(parents=True)
        (folder / "cmdline").write_bytes(f"glusterfs\0--volfile-id\0{argument}\0".encode())
        end_healer(tmp_path / "pid", tmp_path / "proc")
        if not ended:
            assert process.poll() is None
            process.terminate()
        assert process.wait(timeout=10) != 0


def test_a_missing_file_is_an_error_that_the_caller_bears(tmp_path: Path):
    with pytest.raises(OSError, match="none"):
        end_healer(tmp_path / "none")
