"""The zone of the first domain's DKIM keys, which the platform's own name servers have."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from relevo.dkim.database import Row
from relevo.dkim.settings import Settings
from relevo.dkim.writing import place
from relevo.records.mail import PublicKey
from relevo.records.zone import key_zone, serial_of, with_serial

_SECONDS = 10


class ZoneFailed(Exception):  # noqa: N818 - the event, as whoever reads the journal sees it
    """BIND does not take the zone; the old one stays."""


def publish(rows: Iterable[Row], own: Settings) -> bool:
    """Have BIND serve the keys of our own domain; tell whether that is news to it.

    Raises:
        ZoneFailed: it does not want them, or can't be told now.
        OSError: the file can't be written.
    """
    if not own.domain:
        return False
    keys = [PublicKey(row.selector, row.public) for row in rows if row.domain == own.domain]
    name = f"_domainkey.{own.domain}"
    path = Path(own.zone_directory, name)
    installed = path.read_text(encoding="utf-8") if path.exists() else None
    wanted = key_zone(own.domain, keys, servers=own.servers, contact=own.contact, ttl=own.ttl)
    text = with_serial(wanted, installed, int(time.time()))
    if text != installed:
        _install(name, path, text)
    return _loaded(name, str(serial_of(text)), Path(own.state, "loaded"))


def _install(name: str, path: Path, text: str) -> None:
    candidate = Path(f"{path}.candidate")
    place(str(candidate), text, mode=0o644)
    try:
        _run(["named-checkzone", "-q", name, str(candidate)])
    except ZoneFailed:
        candidate.unlink()
        raise
    candidate.replace(path)


def _loaded(name: str, serial: str, note: Path) -> bool:
    """Have BIND load the zone unless it has this serial from us already; a failure is so tried again."""
    if note.exists() and note.read_text(encoding="utf-8") == serial:
        return False
    _run(["rndc", "reload", name])
    note.write_text(serial, encoding="utf-8")
    return True


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ZoneFailed(f"`{' '.join(command)}`: {error}") from None
    if done.returncode:
        raise ZoneFailed(f"`{' '.join(command)}`: {(done.stderr or done.stdout).strip()[-300:]}")
