"""What a report and the events behind it say, in words: for the commands, the web and the API alike. Pure."""

from __future__ import annotations

from relevo.agent import history as events
from relevo.i18n import _
from relevo.operate.status import Machine, Report

_UNITS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"))


def holding(report: Report, machine: Machine) -> str:
    """Say of a machine that has the virtual IP since when and why; its name comes first."""
    cause = f", {report.cause}" if report.cause else ""
    return _("{node} holds the virtual IP {vip} for {time}: {why}").format(
        node=machine.name, vip=report.vip, time=f"{duration(machine.holder_seconds)}{cause}",
        why=reasons(machine),
    )


def reasons(machine: Machine) -> str:
    """Say why a machine stands as it does."""
    return "; ".join(machine.why)


def outlook(report: Report) -> list[str]:
    """Say what would happen if a machine died now, a sentence each, the active one's first."""
    return [sentence(text) for text in dict.fromkeys(prospect.text for prospect in report.prospects)]


def sentence(text: str) -> str:
    """Return a text as a sentence."""
    return f"{text[:1].upper()}{text[1:]}."


def duration(seconds: float | None) -> str:
    """Say a time span in its largest unit, e.g. `3 h`."""
    if seconds is None:
        return "?"
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def event_name(event: str) -> str:
    """Say what an event around the virtual IP is (`relevo.agent.history`); one of another version has its own word."""
    return {
        events.TOOK: _("has the virtual IP"),
        events.LOST: _("lets the virtual IP go"),
        events.DEMOTED: _("lets the virtual IP go, being ill"),
        events.ILL: _("is ill"),
        events.WELL: _("is well again"),
        events.SILENT: _("does not hear"),
        events.CUT: _("cuts off from the storage"),
        events.LET_IN: _("lets back to the storage"),
        events.OPENED: _("opens the gate to the mailboxes"),
        events.CLOSED: _("closes the gate to the mailboxes"),
        events.ADOPTS: _("delivers what the other left"),
        events.HANDS_BACK: _("hands back what the other left"),
        events.LEAVES: _("leaves the storage"),
        events.RETURNS: _("returns to the storage"),
        events.WOKE: _("wakes clients"),
        events.FORGIVEN: _("is forgiven"),
        events.REVIVED: _("brings the database back"),
        events.RECONNECTS: _("connects its mount to a copy anew"),
        events.ORDERED: _("is told by hand"),
    }.get(event, event)
