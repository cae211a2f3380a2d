"""Names and sizes of what gathers the use of mailboxes. Its packages are everybody's: systemd and Python."""

from __future__ import annotations

from relevo.cluster.wires import USE_CURSOR

UNIT = "relevo-use.service"
CONFIG = "/etc/relevo/use.json"  # 0600
CURSOR = USE_CURSOR
UNITS = ("dovecot.service", "postfix.service", "postfix@-.service")  # whose lines say who logs in
EVERY = 300  # seconds: so old the figures may be, and one row a mailbox in that time at most is written
JOURNAL_DAYS = 30  # what the journal still has of them, at the first start
DEVICE_DAYS, MOST_DEVICES = 90, 50
MEMORY_MB = 256
