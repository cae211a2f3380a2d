"""Roundcube's tables: loaded when they are missing, brought up to date when a newer Roundcube was installed.

Both by the files that Roundcube ships, through the local socket as the database's root. It may be interrupted anywhere,
and both nodes may do it at once: a table that is there is left alone, and the version is noted last.
"""

from __future__ import annotations

import re
from pathlib import Path

from relevo.cluster.wires import ROUNDCUBE_DATABASE
from relevo.deploy.shell import CommandFailed, run, succeeds, wait_until
from relevo.i18n import _
from relevo.services.roundcube.settings import SQL_DIRECTORY

_ASK_VERSION = "SELECT `value` FROM `system` WHERE `name` = 'roundcube-version'"
_NOTE_VERSION = "UPDATE `system` SET `value` = '{}' WHERE `name` = 'roundcube-version'"
_CLIENT = ("mariadb", "--default-character-set=utf8mb4", "--batch", "--skip-column-names", ROUNDCUBE_DATABASE)


def needed() -> str | None:
    """Return what is to be done to the tables, None when they are as this Roundcube wants them."""
    if (have := _version()) is None:
        return _("create the tables (none found, or the database does not answer)")
    behind = upgrades(Path(SQL_DIRECTORY), have)
    return _("bring the tables from version {have} up to date").format(have=have) if behind else None


def bring_up_to_date() -> None:
    """Create or upgrade the tables; raise CommandFailed when the database does not answer or refuses."""
    what = _("the database {name}").format(name=ROUNDCUBE_DATABASE)
    wait_until(lambda: succeeds([*_CLIENT, "--execute=SELECT 1"]), within=60, what=what)
    have = _version()
    if have is None:
        initial = Path(SQL_DIRECTORY, "mysql.initial.sql").read_text(encoding="utf-8")
        run(_CLIENT, stdin=repeatable(initial), within=120)
        return
    for file in upgrades(Path(SQL_DIRECTORY), have):
        run(_CLIENT, stdin=file.read_text(encoding="utf-8"), within=300)
        run(_CLIENT, stdin=_NOTE_VERSION.format(int(file.stem)))


def repeatable(sql: str) -> str:
    """Return Roundcube's initial script so that it can be run again after a part of it, and loses nothing by that."""
    return re.sub(r"\bCREATE TABLE `", "CREATE TABLE IF NOT EXISTS `", sql).replace("INSERT INTO", "INSERT IGNORE INTO")


def upgrades(directory: Path, have: int) -> list[Path]:
    """Return the upgrade scripts that are newer than the tables, oldest first; their names are versions."""
    files = [file for file in Path(directory, "mysql").glob("*.sql") if file.stem.isdigit() and int(file.stem) > have]
    return sorted(files, key=lambda file: int(file.stem))


def _version() -> int | None:
    """Return the version of the tables; None without tables, without the database, and without its server."""
    try:
        return int(run([*_CLIENT, f"--execute={_ASK_VERSION}"], within=20).strip())
    except (CommandFailed, ValueError):
        return None
