"""relevo-dkim: from what the database says to the files of Amavis and BIND, whatever goes wrong meanwhile."""

from __future__ import annotations

import grp
import json
import os
import stat
from pathlib import Path

import pytest

from relevo.cluster.pki import dkim_public_key, make_dkim_key
from relevo.cluster.sealing import lock_of, seal
from relevo.dkim import zone
from relevo.dkim.database import Row
from relevo.dkim.keyring import entries, keyring
from relevo.dkim.loop import Loop
from relevo.dkim.settings import Settings
from relevo.node_database import Silent

BOX = "secret of the box"
LOCK = lock_of(BOX)


@pytest.fixture(scope="module")
def pems() -> list[str]:
    return [make_dkim_key(), make_dkim_key()]


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    keys, zones, state = (tmp_path / name for name in ("keys", "zones", "state"))
    for folder in (keys, zones, state):
        folder.mkdir()
    return Settings(
        socket="/nowhere", database="relevo", view="lookup_dkim", user="dkim", password="p", box_key=BOX,
        directory=str(keys), table=str(keys / "keys"), group=grp.getgrgid(os.getgid()).gr_name, domain="",
        zone_directory=str(zones), servers=("mail01.a.example", "mail02.a.example"), contact="post.master@a.example",
        ttl=300, state=str(state),
    )


class Rows:
    """A database in memory."""

    def __init__(self) -> None:
        self.now: list[Row] | str = []

    def rows(self) -> list[Row]:
        if isinstance(self.now, str):
            raise Silent(self.now)
        return sorted(self.now)


@pytest.fixture
def rows() -> Rows:
    return Rows()


@pytest.fixture
def loop(own, rows) -> Loop:
    return Loop(own, rows)


def signing(domain: str, selector: str, pem: str, lock: str = LOCK) -> Row:
    return Row(domain, selector, dkim_public_key(pem), seal(pem.encode(), lock))


def table(own: Settings) -> list[tuple[str, str]]:
    return [(entry.domain, entry.selector) for entry in entries(Path(own.table).read_text())]


def state(own: Settings) -> dict:
    return json.loads(Path(own.state, "state.json").read_text())


def files(own: Settings) -> set[str]:
    return {path.name for path in Path(own.directory).iterdir()}


def test_keys_are_laid_down_for_amavis_alone(own, rows, loop, pems):
    rows.now = [signing("a.example", "s1", pems[0]), signing("b.example", "s1", pems[1])]
    loop.look()
    assert table(own) == [("a.example", "s1"), ("b.example", "s1")]
    assert Path(own.directory, "a.example.s1.pem").read_text() == pems[0]
    assert {stat.S_IMODE(path.stat().st_mode) for path in Path(own.directory).iterdir()} == {0o640}
    assert state(own)["trouble"] == ""
    assert not Path(own.state, "waiting").exists()


def test_another_key_takes_the_place_of_the_one_before_and_that_goes(own, rows, loop, pems):
    rows.now = [signing("a.example", "s1", pems[0])]
    loop.look()
    rows.now = [signing("a.example", "s2", pems[1]), Row("a.example", "s1", dkim_public_key(pems[0]), "")]
    loop.look()
    assert table(own) == [("a.example", "s2")]
    assert files(own) == {"keys", "a.example.s2.pem"}
    assert Path(own.state, "waiting").exists()  # a retired one: something will become of it
    rows.now = []
    loop.look()
    assert table(own) == []
    assert files(own) == {"keys"}


def test_while_nothing_changes_nothing_is_written(own, rows, loop, pems):
    rows.now = [signing("a.example", "s1", pems[0])]
    loop.look()
    before = {path: path.stat().st_mtime_ns for path in Path(own.directory).iterdir()}
    loop.look()
    Loop(own, rows).look()  # as after a restart
    assert {path: path.stat().st_mtime_ns for path in Path(own.directory).iterdir()} == before


def test_what_somebody_has_removed_comes_back(own, rows, loop, pems):
    rows.now = [signing("a.example", "s1", pems[0])]
    loop.look()
    Path(own.table).unlink()
    loop.look()
    assert table(own) == [("a.example", "s1")]


def test_without_the_database_everything_stays_and_that_is_said_once(own, rows, loop, pems, caplog):
    same = rows.now = [signing("a.example", "s1", pems[0])]
    loop.look()
    rows.now = "WSREP has not yet prepared node for application use"
    loop.look()
    loop.look()
    assert table(own) == [("a.example", "s1")]
    assert "WSREP" in state(own)["trouble"]
    assert caplog.text.count("WSREP") == 1
    rows.now = same
    loop.look()
    assert state(own)["trouble"] == ""


def test_what_is_wrong_with_a_key_is_still_said_after_the_database_was_away(own, rows, loop, pems):
    same = rows.now = [signing("a.example", "s1", pems[0], lock_of("another secret"))]
    loop.look()
    rows.now = "gone"
    loop.look()
    rows.now = same
    loop.look()
    assert "dkim_box_key" in state(own)["trouble"]


def test_a_key_that_can_t_be_opened_leaves_the_domain_its_old_one_and_the_others_theirs(own, rows, loop, pems):
    rows.now = [signing("a.example", "s1", pems[0])]
    loop.look()
    other = signing("a.example", "s2", pems[1], lock_of("another secret"))
    rows.now = [other, signing("b.example", "s1", pems[1])]
    loop.look()
    assert table(own) == [("a.example", "s1"), ("b.example", "s1")]
    assert Path(own.directory, "a.example.s1.pem").read_text() == pems[0]
    assert "dkim_box_key" in state(own)["trouble"]
    assert "a.example" in state(own)["trouble"]


def test_a_key_that_is_not_the_published_one_does_not_sign(pems):
    row = Row("a.example", "s1", dkim_public_key(pems[1]), seal(pems[0].encode(), LOCK))
    made = keyring([row], BOX, "/keys", "")
    assert (made.count, dict(made.files)) == (0, {})
    assert "not the one that is published" in made.troubles[0]


def test_no_private_key_gets_into_what_is_said(own, rows, loop, pems, caplog):
    row = signing("a.example", "s1", pems[0])
    rows.now = [row, row._replace(domain="b.example", public="MIIB"), row._replace(domain="c.example", sealed="x.y")]
    loop.look()
    said = caplog.text + Path(own.state, "state.json").read_text() + Path(own.table).read_text()
    assert not [line for line in pems[0].splitlines() if line in said]


def test_a_full_disk_is_said_and_tried_again(own, rows, loop, pems, monkeypatch):
    rows.now = [signing("a.example", "s1", pems[0])]

    def full(*_args):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("relevo.dkim.writing.os.fsync", full)
        with pytest.raises(OSError, match="No space"):  # not even how it is can be said
            loop.look()
    loop.look()
    assert table(own) == [("a.example", "s1")]


# --- the zone of our own name servers ---------------------------------------------------------------------------------
@pytest.fixture
def served(own, rows, monkeypatch):
    """Our own name servers have a.example: the settings, the loop and the commands that were run."""
    ran: list[list[str]] = []

    def run(command: list[str]) -> None:
        ran.append(command)
        if command[0] in broken:
            raise zone.ZoneFailed(f"{command[0]}: no")

    broken: set[str] = set()
    monkeypatch.setattr(zone, "_run", run)
    settings = Settings(**{**vars(own), "domain": "a.example"})
    return settings, Loop(settings, rows), ran, broken


def zone_text(own: Settings) -> str:
    return Path(own.zone_directory, "_domainkey.a.example").read_text()


def test_all_keys_of_the_domain_are_in_the_zone_and_bind_loads_it_once(served, rows, pems):
    own, loop, ran, _broken = served
    rows.now = [
        signing("a.example", "s1", pems[0]), Row("a.example", "s2", "MIIC", ""), signing("b.example", "s1", pems[1]),
    ]
    loop.look()
    loop.look()
    text = zone_text(own)
    assert [line.split()[0] for line in text.splitlines() if " TXT " in line] == ["s1", "s2"]
    assert '"v=DKIM1; k=rsa; p=MIIC"' in text
    assert "@ IN SOA mail01.a.example. post\\.master.a.example. (" in text
    assert [command[0] for command in ran] == ["named-checkzone", "rndc"]
    assert ran[1] == ["rndc", "reload", "_domainkey.a.example"]


def test_a_zone_that_bind_does_not_take_keeps_the_old_one_and_stops_no_other_key(served, rows, pems):
    own, loop, _ran, broken = served
    rows.now = [signing("a.example", "s1", pems[0])]
    loop.look()
    before = zone_text(own)
    broken.add("named-checkzone")
    rows.now = [signing("a.example", "s1", pems[0]), Row("a.example", "s2", "MIIC", ""),
                signing("b.example", "s1", pems[1])]
    loop.look()
    assert zone_text(own) == before
    assert ("b.example", "s1") in table(own)
    assert "don't show the DKIM keys of a.example" in state(own)["trouble"]
    broken.clear()
    loop.look()
    assert '"v=DKIM1; k=rsa; p=MIIC"' in zone_text(own)
    assert state(own)["trouble"] == ""


def test_a_bind_that_was_down_is_told_when_it_is_back(served, rows, pems):
    own, loop, ran, broken = served
    broken.add("rndc")
    rows.now = [signing("a.example", "s1", pems[0])]
    loop.look()
    assert "rndc" in state(own)["trouble"]
    broken.clear()
    loop.look()
    assert [command[0] for command in ran] == ["named-checkzone", "rndc", "rndc"]
    assert state(own)["trouble"] == ""
