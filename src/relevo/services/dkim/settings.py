"""Names and sizes of what lays down DKIM keys. Its packages are BIND's and Amavis's."""

from __future__ import annotations

UNIT = "relevo-dkim.service"
STEP_UNIT, STEP_TIMER = "relevo-dkim-step.service", "relevo-dkim-step.timer"
CONFIG = "/etc/relevo/dkim.json"  # 0600
MEMORY_MB = 96  # measured: 30 MiB
STEP_MINUTES = 5
