"""The folder that the kernel's NFS server shows of each client, laid out in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from relevo.agent.nfs_clients import CLIENTS, expire

INFO = """\
clientid: 0x3d2b1f2a6924c1f5
address: "{address}:{port}"
status: confirmed
seconds from last renew: 4
name: "Linux NFSv4.2 {name}"
minor version: 2
"""


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    for number, (address, name) in enumerate((("192.168.100.11", "mail01"), ("192.168.100.112", "other"),
                                              ("192.168.100.11", "mail01"), ("[fd00:100::12]", "mail02"))):
        folder = tmp_path / str(number + 7)
        folder.mkdir()
        (folder / "info").write_text(INFO.format(address=address, port=700 + number, name=name))
        (folder / "ctl").touch()
    return tmp_path


@pytest.mark.parametrize(("address", "ended"), [
    ("192.168.100.11", ["7", "9"]), ("192.168.100.112", ["8"]), ("fd00:100::12", ["10"]), ("192.168.100.1", []),
])
def test_all_clients_at_an_address_and_no_others(clients: Path, address: str, ended: list[str]) -> None:
    assert expire(address, clients) == len(ended)
    assert {one.name for one in clients.iterdir() if (one / "ctl").read_text() == "expire\n"} == set(ended)


def test_nothing_where_no_server_runs(tmp_path: Path) -> None:
    assert expire("192.168.100.11", tmp_path / "clients") == 0
    assert CLIENTS.parts[-3:] == ("fs", "nfsd", "clients")


def test_one_that_is_not_understood_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "1"
    folder.mkdir()
    (folder / "info").write_text("nothing\n")
    assert expire("192.168.100.11", tmp_path) == 0
    assert not (folder / "ctl").exists()
