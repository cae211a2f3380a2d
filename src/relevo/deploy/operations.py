"""What every step of a service's `deploy.py` is made of, on top of pyinfra's own operations, on the node itself.

In a plan nothing is changed and each step reports what it would do; in an apply it does that. Files are brought to what
they should be by `files.py`, units of systemd by `units.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from pyinfra.api.command import FunctionCommand, PyinfraCommand
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.operation import OperationMeta, operation
from pyinfra.context import state

from relevo.deploy import events
from relevo.deploy.shell import CommandFailed
from relevo.errors import RelevoError
from relevo.i18n import _


def applying() -> bool:
    """Tell whether this run changes the node (apply) or only looks (plan)."""
    return bool(state.is_executing)


def step(name: str, needed: Callable[[], str | None], act: Callable[[], object]) -> None:
    """One step of a service that no other operation covers.

    Args:
        name: what the operator reads, e.g. "volume mail".
        needed: returns a sentence on what is to be done, or None when all is well. It must not change anything, and in
            a plan it must bear that packages are not installed yet.
        act: does it; raises CommandFailed when it can't. It must bear being interrupted anywhere and run again.
    """
    if (why := needed()) is None:
        events.report(events.SAME, name)
        return
    if applying():
        execute(name, act)
    events.report(events.CHANGE, name, why)


def native(name: str, meta: OperationMeta) -> None:
    """Report one of pyinfra's own operations, called as `native("user vmail", server.user(...))`."""
    changed = meta.did_change() if applying() else meta.will_change
    events.report(events.CHANGE if changed else events.SAME, name)


def execute(name: str, act: Callable[[], object]) -> None:
    """Have pyinfra execute one Python step, and let its error through as it was."""
    failure: list[RelevoError | OSError] = []

    def guarded(state: object, host: object) -> bool:  # noqa: ARG001 - pyinfra runs what takes these two in place
        try:
            act()
        except (RelevoError, OSError) as error:
            failure.append(error)
            return False
        return True

    try:
        _perform(name=name, act=guarded)
    except PyinfraError:
        raise CommandFailed(f"{name}: {failure[0] if failure else _('failed without a word')}") from None


@operation(is_idempotent=False)
def _perform(act: Callable[[object, object], bool]) -> Generator[PyinfraCommand, None, None]:
    """Yield one Python step as pyinfra's command."""
    yield FunctionCommand(act, (), {})
