"""A run with all kinds of checks, for tables and reports."""

from __future__ import annotations

from base64 import b64decode

from relevo.drills.result import Check, DrillResult, Figure, Picture, Run, Verdict

PIXEL = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PASSED = Check("mail <b>bold</b>", "send & receive", "250", "250 2.0.0 Ok", Verdict.PASSED)
FAILED = Check("EICAR, plain", "send it", "554", "250 2.0.0 Ok: queued", Verdict.FAILED)
NOT_RUN = Check("power cut", "-", "-", "only in a lab", Verdict.NOT_RUN)


def outage_check(seconds: float) -> Check:
    verdict = Verdict.PASSED if seconds < 5 else Verdict.FAILED
    return Check("power cut: SMTP", "cut the power", "< 5 s", f"{seconds} s", verdict, Figure(seconds, "s"))


def run_of(*checks: Check, in_lab: bool = True, times: int = 1) -> Run:
    result = DrillResult("failover", "Failover", checks, 12.3, (Picture("webmail: inbox", PIXEL),))
    return Run("parati", "192.168.100.100", "2026-11-24T17:00:00+00:00", in_lab, (result,) * times)
