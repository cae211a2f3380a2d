"""Names and sizes of the index of the mail journal. Its packages are everybody's: systemd and Python."""

from __future__ import annotations

from relevo.cluster.wires import ADOPTED_UNIT

UNIT = "relevo-trace.service"
USER = "relevo-trace"  # systemd makes it up while the unit runs
CONFIG = "/etc/relevo/trace.json"
INDEX = "/var/lib/relevo-trace/index.db"
# Whose lines say something of a message; of the last one, what people have done with waiting messages.
UNITS = (
    "postfix.service", "postfix@-.service", ADOPTED_UNIT, "amavis.service", "dovecot.service",
    "relevo-queue-control.service",
)
DAYS = 30  # a complaint rarely comes later; Postfix gives a message up after 5
MOST_MB = 2048  # measured: 134 MB for 100,000 messages; beyond it the oldest are forgotten first
MEMORY_MB = 256  # measured: 35 MiB while a day of 100,000 messages is read
