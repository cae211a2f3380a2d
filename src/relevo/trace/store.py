"""The index's file: SQLite with a write-ahead log, so searches don't wait for the journal, nor it for them.

    letter    a message under one key: a queue id, a delivery, a refusal
    party     an address of a message: who sends it, who gets it, and what became of it for them
    piece     lines of a message, as they came in one portion; compressed
    link      a message goes on under another key, on this node or the other one
    state     where the journal has been read to, and what goes on at the door: written with the lines themselves

`party.at` is its letter's, so that whoever looks for an address or a domain reads one index in the order of time.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from relevo.trace.letters import RESULTS
from relevo.trace.lines import Line

VERSION = 2  # of what follows, the dictionary included; an index of another version is begun anew
SENDER, RECIPIENT = 1, 2  # bits of party.roles

_TABLES = """
CREATE TABLE letter (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, last INTEGER NOT NULL, sender TEXT,
    message_id TEXT NOT NULL, subject TEXT NOT NULL, client TEXT NOT NULL, size INTEGER NOT NULL,
    count INTEGER NOT NULL, is_open INTEGER,
    marks INTEGER NOT NULL, results INTEGER NOT NULL, by_program INTEGER NOT NULL, forwards INTEGER NOT NULL
);
CREATE INDEX letter_at ON letter (at, key);
CREATE INDEX letter_results ON letter (results, at);
CREATE INDEX letter_message_id ON letter (message_id) WHERE message_id <> '';
CREATE INDEX letter_subject ON letter (subject, at) WHERE subject <> '';
CREATE INDEX letter_client ON letter (client, at) WHERE client <> '';
CREATE TABLE party (
    letter INTEGER NOT NULL, address TEXT NOT NULL, domain TEXT NOT NULL, at INTEGER NOT NULL, roles INTEGER NOT NULL,
    result TEXT NOT NULL, PRIMARY KEY (letter, address)
) WITHOUT ROWID;
CREATE INDEX party_address ON party (address, at);
CREATE INDEX party_domain ON party (domain, at);
CREATE TABLE piece (id INTEGER PRIMARY KEY, letter INTEGER NOT NULL, lines BLOB NOT NULL);
CREATE INDEX piece_letter ON piece (letter);
CREATE TABLE link (a TEXT NOT NULL, b TEXT NOT NULL, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE INDEX link_back ON link (b, a);
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
# What most lines have in common: with it a message's dozen lines take some 500 bytes.
_COMMON = (
    b'dsn=5.1.1, status=bounced (host ","postfix/submission/smtpd",NOQUEUE: reject: RCPT from unknown[: 550 5.1.1 <'
    b">: Recipient address rejected: User unknown in virtual mailbox table; from=< to=<"
    b'","dovecot",lmtp()<>: sieve: msgid=<>: fileinto action: stored mail into mailbox \'Junk\'"]'
    b'stored mail into mailbox \'INBOX\'"],"amavis",() Passed CLEAN {RelayedOutbound}, ORIGINATING LOCAL [] <> -> <>, '
    b"Passed CLEAN {RelayedInbound}, INBOUND []: [] <> -> <>, Message-ID: <>, mail_id: , Hits: -0.001, size: , "
    b'queued_as: , dkim_new=, ms"],"postfix/smtpd",Anonymous TLS connection established from []: TLSv1.3 with cipher '
    b"TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange x25519 server-signature RSA-PSS (2048 bits) server-digest "
    b'SHA256"],NOQUEUE: client=[]"],proxy-accept: END-OF-MESSAGE: 250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0'
    b' Ok: queued as ; from=<> to=<> proto=ESMTP helo=<>"],"postfix/smtp",to=<>, relay=[]:25, delay=, delays=//, '
    b'dsn=4.4.1, status=deferred (connect to []:25: Connection timed out)"],"postfix/reinject/smtpd",: '
    b'client=localhost[127.0.0.1], orig_client=[]"],"postfix/cleanup",: message-id=<>"],"postfix/qmgr",: from=<>, size='
    b', nrcpt=1 (queue active)"],"postfix/lmtp",: to=<>, relay=[]:24, delay=0., delays=0.01/0.01/0/0.01, dsn=2.0.0, '
    b'status=sent (250 2.0.0 <> Saved)"],"postfix/qmgr",: removed"]'
)
_PAGES = {"journal_mode": "WAL", "synchronous": "NORMAL", "temp_store": "MEMORY", "cache_size": "-8192"}


def open_for_writing(path: str) -> sqlite3.Connection:
    """Open the index, or make it; one that is damaged or of another version is begun anew.

    Raises sqlite3.OperationalError when it is locked, or the disk is full or fails: what is kept there stays.
    """
    try:
        return _opened(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        for old in (path, f"{path}-wal", f"{path}-shm"):
            Path(old).unlink(missing_ok=True)
        return _opened(path)


def open_for_reading(path: str) -> sqlite3.Connection:
    """Open the index for a search."""
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only = 1")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all of it, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def bits(results: Sequence[str] | set[str]) -> int:
    """Return results as a number, a bit each."""
    return sum(1 << RESULTS.index(one) for one in set(results))


def names(number: int) -> set[str]:
    """Return the results in a number."""
    return {name for place, name in enumerate(RESULTS) if number >> place & 1}


def packed(lines: Sequence[Line]) -> bytes:
    """Return lines as they are kept."""
    work = zlib.compressobj(6, zlib.DEFLATED, -15, 8, zlib.Z_DEFAULT_STRATEGY, _COMMON)
    text = json.dumps(lines, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    return work.compress(text) + work.flush()


def unpacked(data: bytes) -> list[Line]:
    """Return what `packed` has kept."""
    work = zlib.decompressobj(-15, _COMMON)
    return [Line(*line) for line in json.loads(work.decompress(data) + work.flush())]


def _opened(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        for name, value in _PAGES.items():
            connection.execute(f"PRAGMA {name} = {value}")
        with closing(connection.execute("PRAGMA user_version")) as found:
            version = found.fetchone()[0]
        if version != VERSION:
            _begin(connection, version)
    except BaseException:
        connection.close()
        raise
    return connection


def _begin(connection: sqlite3.Connection, version: int) -> None:
    """Make the tables; raise DatabaseError where there are others."""
    if version or connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise sqlite3.DatabaseError(f"version {version}")
    connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
