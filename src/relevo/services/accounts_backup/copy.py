"""Copy the accounts from the first mail node that gives a whole copy. Run by the timer on the storage machine.

A copy is written under another name, must end as mariadb-dump ends a whole one, and gets its name only then; old copies
are removed only after a new one stands.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from relevo.cluster.wires import DATABASE, ROUNDCUBE_DATABASE
from relevo.errors import RelevoError
from relevo.i18n import _
from relevo.services.accounts_backup.settings import PREFIX, SUFFIX

_END = b"-- Dump completed"  # the last line of a whole dump
_DAY = 86400
_PIECE = 1 << 20
_NOT_COPIED = ("cache", "cache_index", "cache_messages", "cache_shared", "cache_thread", "session")  # Roundcube's own
_SECONDS = 1800


class CopyFailed(RelevoError):  # noqa: N818 - the event, as the operator reads it
    """No whole copy could be had."""


def dump_command(address: str, credentials: str) -> list[str]:
    """Return the argument list of the dump. The credentials' file must be named first (mariadb-dump(1))."""
    return [
        "mariadb-dump", f"--defaults-extra-file={credentials}", f"--host={address}", "--protocol=tcp",
        "--single-transaction", "--quick", "--hex-blob", "--default-character-set=utf8mb4",
        *(f"--ignore-table-data={ROUNDCUBE_DATABASE}.{table}" for table in _NOT_COPIED),
        "--databases", DATABASE, ROUNDCUBE_DATABASE,
    ]


def copy(addresses: Sequence[str], folder: Path, credentials: str, now: float) -> Path:
    """Make one copy from the first address that gives a whole one; return its path, or raise CopyFailed."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = folder / f".{PREFIX}partial"
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    failures = []
    for address in addresses:
        try:
            _dump(dump_command(address, credentials), partial)
            verify(partial)
        except (CopyFailed, OSError) as error:
            failures.append(f"{address}: {error}")
            partial.unlink(missing_ok=True)
            continue
        whole = folder / f"{PREFIX}{stamp}{SUFFIX}"
        partial.replace(whole)
        _sync_folder(folder)
        return whole
    raise CopyFailed("; ".join(failures) or _("no mail node is named"))


def verify(path: Path) -> None:
    """Read a copy from start to end; raise CopyFailed when it is not a whole dump."""
    tail = b""
    with gzip.open(path, "rb") as packed:
        while piece := packed.read(_PIECE):
            tail = (tail + piece)[-512:]
    last = tail.strip().rpartition(b"\n")[2]
    if not last.startswith(_END):
        raise CopyFailed(_("the dump breaks off"))


def expired(names: Iterable[str], now: float, keep_days: int) -> list[str]:
    """Return the copies that are older than `keep_days`; the newest is always kept. Pure."""
    copies = sorted(name for name in names if name.startswith(PREFIX) and name.endswith(SUFFIX))
    oldest = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now - keep_days * _DAY))
    return [name for name in copies[:-1] if name.removeprefix(PREFIX).removesuffix(SUFFIX) < oldest]


def _dump(command: Sequence[str], path: Path) -> None:
    """Run the dump into a compressed file that only root may read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        with gzip.GzipFile(fileobj=out, mode="wb") as packed, subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            _pour(process, packed)
        out.flush()
        os.fsync(out.fileno())


def _pour(process: subprocess.Popen[bytes], packed: gzip.GzipFile) -> None:
    if process.stdout is None or process.stderr is None:
        raise CopyFailed(_("mariadb-dump has no pipes"))
    source: IO[bytes] = process.stdout
    shutil.copyfileobj(source, packed, _PIECE)
    said = process.stderr.read().decode(errors="replace").strip()
    if process.wait(_SECONDS):
        text = _("mariadb-dump ended with {code}").format(code=process.returncode)
        raise CopyFailed(said.splitlines()[-1] if said else text)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def main() -> int:
    """Make a copy, then remove what is too old."""
    parser = argparse.ArgumentParser(description="Copy the accounts from a mail node.")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--keep-days", type=int, required=True)
    parser.add_argument("--credentials", required=True)
    parser.add_argument("addresses", nargs="+")
    asked = parser.parse_args()
    now = time.time()
    try:
        made = copy(asked.addresses, asked.folder, asked.credentials, now)
    except CopyFailed as error:
        sys.stderr.write(f"no copy of the accounts: {error}\n")
        return 1
    for name in expired(os.listdir(asked.folder), now, asked.keep_days):  # noqa: PTH208 - the names are what is judged
        (asked.folder / name).unlink()
    sys.stdout.write(f"{made.name}: {made.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
