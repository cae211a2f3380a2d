"""ClamAV's packages and places."""

from __future__ import annotations

from relevo.services.base import Context

DATABASE_DIRECTORY = "/var/lib/clamav"
EICAR_SIGNATURE = f"{DATABASE_DIRECTORY}/relevo-eicar.ndb"
UNIT = "clamav-daemon.service"
SOCKET_UNIT = "clamav-daemon.socket"
UPDATE_UNIT = "clamav-freshclam.service"
# Debian's second way to update, daily by a timer: it keeps a boot without internet from ever being "running".
UPDATE_ONCE_UNITS = ("clamav-freshclam-once.timer", "clamav-freshclam-once.service")

# The EICAR test file (www.eicar.org), in two halves so that no scanner takes this source for it.
EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def packages(_: Context) -> tuple[str, ...]:
    """Return the Debian packages."""
    return ("clamav-daemon", "clamav-freshclam")
