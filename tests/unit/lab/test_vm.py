"""What is said to QEMU and to the agent in its guest: command lines, and the two dialogues over real sockets."""

import json
import socket
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from relevo.errors import LabError
from relevo.lab.vm import qemu
from relevo.lab.vm.guest import Guest, command_line
from relevo.lab.vm.lines import SilentMonitor, ask
from relevo.lab.vm.machine import _mac

_Answer = Callable[[dict], dict]


@contextmanager
def behind(path: Path, answer: _Answer, greeting: bytes = b"") -> Iterator[list[dict]]:
    """Answer each line of each connection at a socket; give the list of what was said."""
    heard: list[dict] = []
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as lines:
                lines.write(greeting)
                lines.flush()
                for line in lines:
                    heard.append(json.loads(line.lstrip(b"\xff")))
                    lines.write(json.dumps(answer(heard[-1])).encode() + b"\n")
                    lines.flush()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=5)


def agent(exited: dict) -> _Answer:
    def answer(said: dict) -> dict:
        match said["execute"]:
            case "guest-sync-delimited":
                return {"return": said["arguments"]["id"]}
            case "guest-exec":
                return {"return": {"pid": 7}}
            case _:
                return {"return": exited}

    return answer


def test_the_monitor_is_greeted_before_it_is_asked(tmp_path: Path):
    greeting = b'{"QMP": {}}\n'
    with behind(tmp_path / "monitor", lambda _: {"return": {"status": "paused"}}, greeting) as heard:
        assert ask(tmp_path / "monitor", "query-status") == {"status": "paused"}
    assert [said["execute"] for said in heard] == ["qmp_capabilities", "query-status"]


def test_a_refusal_is_told_in_qemus_words(tmp_path: Path):
    def answer(said: dict) -> dict:
        return {"return": {}} if said["execute"] == "qmp_capabilities" else {"error": {"desc": "no such link"}}

    with behind(tmp_path / "monitor", answer, b"{}\n"), pytest.raises(LabError, match="no such link"):
        ask(tmp_path / "monitor", "set_link", name="card", up=False)


def test_a_machine_that_is_off_is_silent(tmp_path: Path):
    with pytest.raises(SilentMonitor, match="nothing listens"):
        ask(tmp_path / "monitor", "stop")
    assert not Guest(tmp_path / "agent", ()).answers()


def test_a_monitor_that_says_nothing_is_given_up_at_the_deadline(tmp_path: Path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "monitor"))
        listener.listen()
        with pytest.raises(SilentMonitor):
            ask(tmp_path / "monitor", "stop", within=0.2)


def test_a_command_in_the_guest_has_its_code_and_all_it_said(tmp_path: Path):
    exited = {"exited": True, "exitcode": 3, "out-data": b64encode(b"\xc3\xb1\n").decode()}
    with behind(tmp_path / "agent", agent(exited)) as heard:
        done = Guest(tmp_path / "agent", ["LC_ALL=C.UTF-8"]).run(["cat", "-n"], 5, b"secret")
    assert (done.returncode, done.stdout, done.stderr) == (3, "ñ\n".encode(), b"")
    started = next(said["arguments"] for said in heard if said["execute"] == "guest-exec")
    assert (started["path"], started["arg"], started["env"]) == ("cat", ["-n"], ["LC_ALL=C.UTF-8"])
    assert started["input-data"] == b64encode(b"secret").decode()


def test_a_command_that_does_not_end_is_left_at_the_deadline(tmp_path: Path):
    with behind(tmp_path / "agent", agent({"exited": False})), pytest.raises(TimeoutError):
        Guest(tmp_path / "agent", ()).run(["sleep", "9"], 0.2, b"")


def test_the_command_line_passes_the_environment_apart():
    line = command_line(Path("/l/agent"), ["A=1"], ["env", "--", "x"])
    assert line[-6:] == ["/l/agent", "A=1", "--", "env", "--", "x"]


def test_each_card_has_an_address_of_its_own_that_stays():
    addresses = {_mac(f"relevo-abc-{node}") for node in ("mail01", "mail02", "storage01")}
    assert len(addresses) == 3
    assert _mac("relevo-abc-mail01") in addresses
    assert all(int(address[:2], 16) & 3 == 2 for address in addresses)  # locally administered, of one station


def test_the_newest_kernel_boots(tmp_path: Path):
    (tmp_path / "boot").mkdir()
    for name in ("vmlinuz-6.12.9", "initrd.img-6.12.9", "vmlinuz-6.12.73", "initrd.img-6.12.73"):
        (tmp_path / "boot" / name).touch()
    assert qemu.kernel(tmp_path) == (tmp_path / "boot/vmlinuz-6.12.73", tmp_path / "boot/initrd.img-6.12.73")


def test_an_image_without_a_kernel_is_one_sentence(tmp_path: Path):
    with pytest.raises(LabError, match="no kernel"):
        qemu.kernel(tmp_path)
