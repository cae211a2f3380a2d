"""What the agent asks ClamAV: whether it scans, and how old its signatures are."""

from __future__ import annotations

import time
from pathlib import Path

from relevo.agent.probe import AgentConfig, Conversation, Deadline, Probe, ProbeFailed

_DATABASES = ("daily.cld", "daily.cvd")
_DIRECTORY = Path("/var/lib/clamav")
_HEADER = 512  # bytes; fields between colons, the last is the time of its making (clamav's cvd.h)
_TIME_FIELD = 8
_DAY = 86400
OLD_DAYS = 7


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes. Without clamd no mail is taken, so that one is vital; old signatures are a warning."""

    def ping(deadline: Deadline) -> str:
        with Conversation(config["clamd_socket"], deadline) as line:
            line.send_bytes(b"nPING\n")
            return line.expect("PONG")

    return (
        Probe(
            "clamav", "clamav", ping, unit="clamav-daemon.service", every=1, timeout=2, slow_start=True, stands_on=(),
        ),
        Probe("signatures", "clamav", lambda _: judge(_DIRECTORY, time.time()), vital=False, every=300, timeout=5),
    )


def judge(directory: Path, now: float) -> str:
    """Return a word on the age of the official signatures; raise ProbeFailed when they are old or missing."""
    made = signatures_made(directory)
    if made is None:
        raise ProbeFailed("no official virus signatures on this machine: only EICAR would be found")
    if (days := int((now - made) // _DAY)) > OLD_DAYS:
        raise ProbeFailed(f"virus signatures are {days} days old: look at clamav-freshclam.service")
    return f"{days} days old"


def signatures_made(directory: Path) -> float | None:
    """Return when the official signatures were made (seconds since 1970), None when there are none."""
    times = [time_ for name in _DATABASES if (time_ := _made(directory / name)) is not None]
    return max(times, default=None)


def _made(path: Path) -> float | None:
    try:
        with path.open("rb") as file:
            fields = file.read(_HEADER).split(b":")
        return float(fields[_TIME_FIELD])
    except (OSError, IndexError, ValueError):
        return None
