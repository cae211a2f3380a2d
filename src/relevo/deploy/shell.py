"""Run a command on this machine: an argument list, always with a deadline, its error as one sentence."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from relevo.agent.pace import VARIABLE
from relevo.errors import RelevoError
from relevo.i18n import _

PATIENCE = VARIABLE  # of the environment; `relevo apply` hands it on to the machines
_MOST_PATIENCE = 100
_MOST_OF_A_WORD, _MOST_QUOTED = 120, 200  # characters of an argument, and in all: what a command said tells more


class CommandFailed(RelevoError):  # noqa: N818 - the event, as the operator reads it
    """A command ended badly or not in time; the text holds the end of what it said."""


def patience() -> float:
    """Return how many times longer than usual commands may take, 1 or more: RELEVO_PATIENCE, for slow machines."""
    text = os.environ.get(PATIENCE, "1")
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not 1 <= factor <= _MOST_PATIENCE:
        raise RelevoError(
            _("{name} is {text!r}: how many times longer than usual commands may take is a number from 1 to {most}")
            .format(name=PATIENCE, text=text, most=_MOST_PATIENCE)
        )
    return factor


def allow(factor: float) -> None:
    """Have commands take so many times longer than usual, unless who runs this has said how much."""
    if factor > 1:
        os.environ.setdefault(PATIENCE, f"{factor:g}")


def run(
    command: Sequence[str],
    *,
    within: float = 60,
    stdin: str | None = None,
    env: Mapping[str, str] | None = None,
    accept: Sequence[int] = (0,),
) -> str:
    """Run a command and return what it wrote to stdout.

    Args:
        command: the argument list; secrets go to `stdin`, never here.
        within: seconds until it is killed, on a machine of usual speed (see `patience`).
        stdin: text for its standard input; nothing when None.
        env: the whole environment, ours when None.
        accept: exit codes that count as success.

    Raises:
        CommandFailed: it could not be started, ended with another code, or was killed at the deadline.
    """
    within *= patience()
    try:
        done = subprocess.run(
            command,
            input=stdin or "",  # never with `stdin=`: gevent's run refuses both at once, even when one is None
            capture_output=True,
            text=True,
            errors="replace",
            timeout=within,
            env=env,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CommandFailed(too_long(command, within)) from None
    except OSError as error:
        text = _("`{command}` could not be started: {error}")
        raise CommandFailed(text.format(command=_brief(command), error=error.strerror or error)) from None
    if done.returncode not in accept:
        said = (done.stderr.strip() or done.stdout.strip() or _("it said nothing"))[-1500:]
        raise CommandFailed(ended(command, done.returncode, said))
    return done.stdout


def too_long(command: Sequence[str], seconds: float) -> str:
    """Say of a command that it was ended at its deadline."""
    text = _("`{command}` was still running after {seconds:g} s and was ended")
    return text.format(command=_brief(command), seconds=seconds)


def ended(command: Sequence[str], code: int, said: str) -> str:
    """Say how a command ended, with the end of what it said."""
    return _("`{command}` ended with {code}: {said}").format(command=_brief(command), code=code, said=said)


def _brief(command: Sequence[str]) -> str:
    """Write a command for an error's text: of what is long, or an argument of several lines, only how it begins."""
    quoted = " ".join(map(_begins, command))
    return quoted if len(quoted) <= _MOST_QUOTED else f"{quoted[:_MOST_QUOTED].rstrip()}…"


def _begins(word: str) -> str:
    line = word.strip().partition("\n")[0][:_MOST_OF_A_WORD]
    return line if line == word.strip() else f"{line.rstrip()}…"


def succeeds(command: Sequence[str], *, within: float = 30) -> bool:
    """Tell whether a command ends with 0 in time."""
    try:
        run(command, within=within)
    except CommandFailed:
        return False
    return True


def wait_until(condition: Callable[[], object], *, within: float, what: str, every: float = 0.1) -> None:
    """Wait for a condition; raise CommandFailed naming `what` when it is not true within that many seconds.

    A CommandFailed or OSError of the condition counts as "not yet", and is quoted when time is up. On a slow machine it
    waits longer (see `patience`).
    """
    within *= patience()
    end = time.monotonic() + within
    last = ""
    while True:
        try:
            if condition():
                return
        except (CommandFailed, OSError) as error:
            last = f" ({error})"
        if time.monotonic() > end:
            text = _("waited {seconds:g} s in vain for {what}{last}")
            raise CommandFailed(text.format(seconds=within, what=what, last=last))
        time.sleep(every)


def stays_wrong(ask: Callable[[], list[str]], *, within: float, every: float) -> list[str]:
    """Ask until nothing is wrong, at most so many seconds (one bad answer proves nothing); return the last answer."""
    end = time.monotonic() + within * patience()
    while (wrong := ask()) and time.monotonic() <= end:
        time.sleep(every)
    return wrong


def read_text(path: str) -> str | None:
    """Return a file's text, or None when it does not exist."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return None
