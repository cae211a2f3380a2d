"""relevo-sharing: from the rows of the database to what Dovecot reads, and what it is told then."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import pytest

from relevo.node_database import Silent
from relevo.sharing import dovecot, writing
from relevo.sharing.access import Row, access, lost
from relevo.sharing.database import Database
from relevo.sharing.dovecot import Refused
from relevo.sharing.loop import Loop
from relevo.sharing.settings import Settings

INFO, SALES = "info@a.example", "sales@b.example"
ANA, LUIS = "ana@a.example", "luis@a.example"
ROWS = [Row(INFO, ANA, "read"), Row(INFO, LUIS, "manage"), Row(SALES, LUIS, "write")]


@pytest.fixture
def own(tmp_path) -> Settings:
    (tmp_path / "place").mkdir()
    (tmp_path / "active").symlink_to("/nowhere")
    return Settings(
        socket="/nowhere", database="relevo", view="lookup_shared", user="dovecot", password="p",
        rights=f"{tmp_path}/place/rights", map=f"{tmp_path}/place/map", boxes=f"{tmp_path}/place/boxes",
        mailboxes="/srv/mail/mailboxes", prefix="Shared", active=f"{tmp_path}/active", root="/nowhere",
        state=str(tmp_path),
    )


class Answers(Database):
    """The database: rows, or silence."""

    def __init__(self, rows: list[Row]) -> None:
        self.now: list[Row] | None = rows

    def rows(self) -> list[Row]:
        if self.now is None:
            raise Silent("gone away")
        return sorted(self.now)


@pytest.fixture
def told(monkeypatch) -> list[tuple[str, str]]:
    """What Dovecot is told."""
    made: list[tuple[str, str]] = []
    monkeypatch.setattr(dovecot, "ask", lambda _path, verb, address: made.append((verb, address)))
    return made


def links(own: Settings) -> dict[str, str]:
    found = Path(own.boxes).glob("*/*")
    return {str(path.relative_to(own.boxes)): str(path.readlink()) for path in found}


def state(own: Settings) -> str:
    return json.loads(Path(own.state, "state.json").read_text())["trouble"]


def test_each_has_the_rights_of_the_level_and_nobody_gives_any():
    lines = access(ROWS, "Shared", "/srv").rights.splitlines()
    assert lines[1:4] == ["* owner lrwstipekx", f'"Shared/{INFO}" user={ANA} lr', f'"Shared/{INFO}/*" user={ANA} lr']
    assert f'"Shared/{INFO}/*" user={LUIS} lrwstipekx' in lines
    assert f'"Shared/{SALES}" user={LUIS} lrwstipe' in lines
    assert not [line for line in lines[1:] if "a" in line.rpartition(" ")[2]]


def test_without_rows_owners_keep_their_own():
    assert access([], "Shared", "/srv").rights.splitlines()[1:] == ["* owner lrwstipekx"]


def test_a_level_of_a_newer_version_only_reads():
    assert access([Row(INFO, ANA, "own")], "Shared", "/srv").rights.endswith(f"user={ANA} lr\n")


@pytest.mark.parametrize("strange", [
    'x" user=eva@a.example lr', "../../etc@a.example", "a b@c.example", "", "*@a.example",
])
def test_what_is_no_address_gets_into_no_file(strange):
    wanted = access([Row(strange, ANA, "read"), Row(INFO, strange, "manage")], "Shared", "/srv")
    assert wanted == access([], "Shared", "/srv")


def test_who_loses_by_a_change():
    before = access(ROWS, "Shared", "/srv").rights
    assert lost(before, before) == set()
    assert lost("", before) == set()
    assert lost(before, access(ROWS[1:], "Shared", "/srv").rights) == {ANA}
    lowered = [ROWS[0], Row(INFO, LUIS, "read"), ROWS[2]]
    assert lost(before, access(lowered, "Shared", "/srv").rights) == {LUIS}


def test_files_links_and_folders_come_and_go(own, told):
    database = Answers(list(ROWS))
    loop = Loop(own, database)
    loop.look()
    assert links(own) == {
        f"{ANA}/{INFO}": "/srv/mail/mailboxes/a.example/info/Maildir",
        f"{LUIS}/{INFO}": "/srv/mail/mailboxes/a.example/info/Maildir",
        f"{LUIS}/{SALES}": "/srv/mail/mailboxes/b.example/sales/Maildir",
    }
    assert f"shared/shared-boxes/user/{ANA}/{INFO}\n1\n" in Path(own.map).read_text()
    assert told == [("prepare", INFO), ("prepare", SALES)]
    told.clear()
    database.now = [ROWS[2]]
    loop.look()
    assert links(own) == {f"{LUIS}/{SALES}": "/srv/mail/mailboxes/b.example/sales/Maildir"}
    assert not Path(own.boxes, ANA).exists()
    assert INFO not in Path(own.map).read_text() + Path(own.rights).read_text()
    assert told == [("kick", ANA), ("kick", LUIS)]
    assert state(own) == ""


def test_sessions_end_after_the_files_are_written(own, monkeypatch):
    seen = []
    monkeypatch.setattr(dovecot, "ask", lambda _path, verb, _address: seen.append((verb, Path(own.rights).read_text())))
    database = Answers([ROWS[0]])
    loop = Loop(own, database)
    loop.look()
    database.now = []
    loop.look()
    assert [(verb, ANA in text) for verb, text in seen] == [("prepare", True), ("kick", False)]


def test_what_was_lost_while_it_did_not_run_ends_sessions_too(own, told):
    Loop(own, Answers(list(ROWS))).look()
    told.clear()
    Loop(own, Answers(ROWS[1:])).look()
    assert ("kick", ANA) in told


def test_where_the_mailboxes_are_not_files_are_written_and_dovecot_is_left_alone(own, told):
    Path(own.active).unlink()
    database = Answers(list(ROWS))
    loop = Loop(own, database)
    loop.look()
    database.now = []
    loop.look()
    assert (told, links(own)) == ([], {})
    Path(own.active).symlink_to("/nowhere")
    database.now = list(ROWS)
    loop.look()
    assert told == [("prepare", INFO), ("prepare", SALES)]


def test_without_the_database_everything_stays(own, told):
    database = Answers(list(ROWS))
    loop = Loop(own, database)
    loop.look()
    before = Path(own.rights).read_text(), links(own)
    database.now = None
    loop.look()
    assert (Path(own.rights).read_text(), links(own)) == before
    assert "the database does not answer (gone away)" in state(own)
    database.now = list(ROWS)
    loop.look()
    assert state(own) == ""


def test_files_that_are_gone_are_written_again(own, told):
    loop = Loop(own, Answers(list(ROWS)))
    loop.look()
    Path(own.rights).unlink()
    loop.look()
    assert ANA in Path(own.rights).read_text()


def test_what_dovecot_did_not_do_is_tried_again(own, monkeypatch):
    fails, told = [True], []

    def ask(_path: str, verb: str, address: str) -> None:
        if fails[0]:
            raise Refused("Dovecot did not do it")
        told.append((verb, address))

    monkeypatch.setattr(dovecot, "ask", ask)
    loop = Loop(own, Answers([ROWS[0]]))
    loop.look()
    assert "Dovecot did not do it" in state(own)
    fails[0] = False
    loop.look()
    loop.look()
    assert (told, state(own)) == ([("prepare", INFO)], "")


def test_the_same_again_writes_nothing(own, told):
    loop = Loop(own, Answers(list(ROWS)))
    loop.look()
    before = Path(own.rights).stat().st_ino, Path(own.map).stat().st_ino
    Loop(own, Answers(list(ROWS))).look()
    assert (Path(own.rights).stat().st_ino, Path(own.map).stat().st_ino) == before


def test_the_files_can_be_read_by_the_owner_of_the_mailboxes(own):
    writing.place(own.rights, "x")
    assert Path(own.rights).stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(("answer", "well"), [(b"done\n", True), (b"failed\n", False), (b"", False)])
def test_root_is_asked_by_a_socket(tmp_path, answer, well):
    heard = []
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{tmp_path}/s")
        server.listen()

        def serve() -> None:
            line, _where = server.accept()
            with line:
                heard.append(line.recv(99))
                line.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            dovecot.ask(f"{tmp_path}/s", "prepare", INFO)
            refused = False
        except Refused:
            refused = True
        thread.join()
    assert (heard, refused) == ([b"prepare info@a.example\n"], not well)


def test_a_root_that_is_not_there_is_said():
    with pytest.raises(Refused, match="nowhere"):
        dovecot.ask("/nowhere", "kick", ANA)
