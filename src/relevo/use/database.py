"""What is written, and asked, in the database: small transactions of an account that may touch these tables alone.

All is monotone: what is written twice, or by the other node later than newer things, changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from relevo.node_database import Line
from relevo.use.gathering import Box, Device, Seen
from relevo.use.settings import Settings

_ANSWER_SECONDS = 15  # many rows of a transaction wait when Galera slows writers down
_BOXES = """INSERT INTO directory_mailboxuse (address, last_login_at, protocol, client, due) VALUES (%s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE
protocol = IF(VALUES(last_login_at) > COALESCE(last_login_at, '1000-01-01'), VALUES(protocol), protocol),
client = IF(VALUES(last_login_at) > COALESCE(last_login_at, '1000-01-01'), VALUES(client), client),
last_login_at = IF(VALUES(last_login_at) > COALESCE(last_login_at, '1000-01-01'), VALUES(last_login_at), last_login_at),
due = due OR VALUES(due)"""
_DEVICES = """INSERT INTO directory_deviceuse (`key`, address, protocol, app, program, client, first_at, last_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON DUPLICATE KEY UPDATE
client = IF(VALUES(last_at) > last_at, VALUES(client), client),
first_at = LEAST(first_at, VALUES(first_at)), last_at = GREATEST(last_at, VALUES(last_at))"""
_READING = """INSERT INTO directory_usereading (node, at) VALUES (%s, %s)
ON DUPLICATE KEY UPDATE at = GREATEST(at, VALUES(at))"""
_DUE = "SELECT address FROM directory_mailboxuse WHERE due = 1 ORDER BY quota_at LIMIT %s"
_COUNTED = "UPDATE directory_mailboxuse SET quota_used = %s, quota_at = %s, due = 0 WHERE address = %s"
_GONE = "UPDATE directory_mailboxuse SET due = 0 WHERE address = %s"
_NEW = "INSERT IGNORE INTO directory_mailboxuse (address, due) VALUES (%s, 1)"
_OLD = "DELETE FROM directory_deviceuse WHERE last_at < %s LIMIT %s"
_CROWDED = "SELECT address FROM directory_deviceuse GROUP BY address HAVING COUNT(*) > %s LIMIT %s"
_NEWEST = "SELECT `key` FROM directory_deviceuse WHERE address = %s ORDER BY last_at DESC, `key`"


class Database:
    """The database, as far as relevo-use sees it; each method raises Silent when it does not answer."""

    def __init__(self, own: Settings) -> None:
        self._own, self._line = own, Line(own, _ANSWER_SECONDS)

    def write_boxes(self, rows: Sequence[tuple[str, Box]]) -> None:
        """Write logins and changes of some mailboxes, as one transaction."""
        with self._line.transaction() as cursor:
            cursor.executemany(_BOXES, [
                (address, moment(box.at) if box.at else None, box.protocol, box.client, box.changed)
                for address, box in rows
            ])

    def write_devices(self, rows: Sequence[tuple[Device, Seen]]) -> None:
        """Write some devices."""
        with self._line.transaction() as cursor:
            cursor.executemany(_DEVICES, [
                (one.key, one.address, one.protocol, one.app, one.program, seen.client, moment(seen.first),
                 moment(seen.last))
                for one, seen in rows
            ])

    def write_reading(self, until: int) -> None:
        """Write up to when this node's journal stands in the tables."""
        with self._line.transaction() as cursor:
            cursor.execute(_READING, (self._own.node, moment(until)))

    def due(self, most: int) -> list[str]:
        """Return mailboxes whose size is to be counted, those first that never were, then the oldest count."""
        with self._line.transaction() as cursor:
            cursor.execute(_DUE, (most,))
            return [str(row[0]) for row in cursor.fetchall()]

    def write_sizes(self, asked: Sequence[str], sizes: dict[str, int], at: int) -> None:
        """Write sizes in bytes; of who was asked and is not there nothing is due any more."""
        with self._line.transaction() as cursor:
            cursor.executemany(_COUNTED, [(size, moment(at), address) for address, size in sizes.items()])
            cursor.executemany(_GONE, [(address,) for address in asked if address not in sizes])

    def sweep(self, after: str, most: int, most_new: int) -> str:
        """Have some mailboxes counted that nobody has used yet; return where to go on, empty at the end.

        Args:
            after: where the last call stopped.
            most: addresses that are looked at.
            most_new: of these are counted. To count one makes its folder, in six steps of the replicated storage.
        """
        page = f"SELECT address FROM {self._own.mailboxes} WHERE address > %s ORDER BY address LIMIT %s"  # noqa: S608 - our own
        with self._line.transaction() as cursor:
            cursor.execute(page, (after, most))
            found = [str(row[0]) for row in cursor.fetchall()]
            if not found:
                return ""
            cursor.execute("SELECT address FROM directory_mailboxuse WHERE address IN %s", (found,))
            known = {str(row[0]) for row in cursor.fetchall()} | self._own.ignored
            new = [address for address in found if address not in known]
            cursor.executemany(_NEW, [(address,) for address in new[:most_new]])
            return found[-1] if len(new) <= most_new else new[most_new - 1]

    def forget_devices(self, most: int) -> bool:
        """Forget some devices that have not come for long, or are too many; tell whether there may be more of them."""
        since = datetime.now(UTC) - timedelta(days=self._own.device_days)
        with self._line.transaction() as cursor:
            gone = cursor.execute(_OLD, (since.replace(tzinfo=None), most))
            crowded = cursor.execute(_CROWDED, (self._own.most_devices, most // 10))
            for (address,) in cursor.fetchall():
                cursor.execute(_NEWEST, (address,))
                keys = [row[0] for row in cursor.fetchall()][self._own.most_devices:]
                cursor.execute("DELETE FROM directory_deviceuse WHERE `key` IN %s", (keys,))
            return bool(gone == most or crowded == most // 10)


def moment(microseconds: int) -> datetime:
    """Return a time as Django keeps it: UTC, without saying so."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)).replace(tzinfo=None)
