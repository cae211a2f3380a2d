"""Names and sizes of what lays down who shares which mailbox. Its packages are Dovecot's."""

from __future__ import annotations

UNIT = "relevo-sharing.service"
CONFIG = "/etc/relevo/sharing.json"  # 0600
MEMORY_MB = 96
