"""Names and sizes of what reads and changes the mail queues. Its packages are Postfix's."""

from __future__ import annotations

UNIT, SOCKET_UNIT = "relevo-queue-control.service", "relevo-queue-control.socket"
CONFIG = "/etc/relevo/queue.json"
MEMORY_MB = 256  # measured: 27 MiB with 20,000 messages waiting; a queue is looked at message by message
