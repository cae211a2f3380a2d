"""Names and sizes of what reads and changes the mail queues. Its packages are Postfix's."""

from __future__ import annotations

from relevo.cluster.wires import STATE_DIRECTORY

UNIT, SOCKET_UNIT = "relevo-queue-control.service", "relevo-queue-control.socket"
CONFIG = "/etc/relevo/queue.json"
FLOW = f"{STATE_DIRECTORY}/mail-flow.json"  # counts of a day, so that a restart forgets none
MEMORY_MB = 256  # measured: 27 MiB with 20,000 messages waiting; a queue is looked at message by message
