"""What people read: Alertmanager's words (its webhook's JSON, version 4) as a title and a text. Pure.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from relevo.i18n import _, ngettext

MOST_ALERTS = 12  # in one message; Telegram takes 4096 characters
MOST_CHARACTERS = 3500
_FIRING = "firing"
_SEVERITIES = ("critical", "warning", "info")
FAILURE, WARNING, INFO, SUCCESS = "failure", "warning", "info", "success"  # apprise's own words
_KINDS = {"critical": FAILURE, "warning": WARNING, "info": INFO}


@dataclass(frozen=True)
class Message:
    """A message; `kind` is one of apprise's notify types."""

    title: str
    text: str
    kind: str


def message(payload: Mapping[str, Any], cluster: str) -> Message:
    """Return the message for what Alertmanager sent; raise ValueError when it is nothing of the kind."""
    try:
        alerts = [_Alert.of(alert) for alert in payload["alerts"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no message of Alertmanager: {type(error).__name__}") from None
    if not alerts:
        raise ValueError("a message without an alert")
    alerts.sort(key=lambda alert: (not alert.firing, alert.rank, alert.summary))
    shown = alerts[:MOST_ALERTS]
    parts = [alert.text() for alert in shown]
    if left := len(alerts) - len(shown) + int(payload.get("truncatedAlerts") or 0):
        parts.append(ngettext("and {n} more: `relevo status`", "and {n} more: `relevo status`", left).format(n=left))
    return Message(_title(alerts, cluster), _cut("\n\n".join(parts)), _kind(alerts))


def trial_message(cluster: str, machine: str) -> Message:
    """Return the message of `relevo notify test`."""
    return Message(
        _("Relevo {cluster}: test").format(cluster=cluster),
        _("This is a test by hand. Alerts of this platform come this way, from {machine}.").format(machine=machine),
        INFO,
    )


@dataclass(frozen=True)
class _Alert:
    """One alert of many."""

    firing: bool
    severity: str
    summary: str
    description: str
    began: str
    ended: str

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> _Alert:
        labels, notes = said["labels"], said.get("annotations") or {}
        return cls(
            firing=said["status"] == _FIRING,
            severity=str(labels.get("severity", "")),
            summary=str(notes.get("summary") or labels["alertname"]),
            description=str(notes.get("description") or ""),
            began=str(said.get("startsAt") or ""),
            ended=str(said.get("endsAt") or ""),
        )

    @property
    def rank(self) -> int:
        """The more urgent comes first."""
        return _SEVERITIES.index(self.severity) if self.severity in _SEVERITIES else len(_SEVERITIES)

    def text(self) -> str:
        """Return what is wrong, since when and what to do; of what is over only that."""
        if not self.firing:
            return _("OVER: {summary} ({since} to {until})").format(
                summary=self.summary, since=_time(self.began), until=_time(self.ended)
            )
        word = {"critical": _("CRITICAL"), "info": _("NEWS")}.get(self.severity, _("WARNING"))
        since = _("since {time}").format(time=_time(self.began))
        return "\n".join(part for part in (f"{word}: {self.summary} ({since})", self.description) if part)


def _title(alerts: Sequence[_Alert], cluster: str) -> str:
    firing = [alert for alert in alerts if alert.firing]
    if not firing:
        one = _("over: {summary}").format(summary=alerts[0].summary)
        said = one if len(alerts) == 1 else _("{n} alerts are over").format(n=len(alerts))
    elif len(firing) == 1:
        said = firing[0].summary
    else:
        said = _("{n} alerts; the first: {summary}").format(n=len(firing), summary=firing[0].summary)
    return f"Relevo {cluster}: {said}"


def _kind(alerts: Sequence[_Alert]) -> str:
    return _KINDS.get(alerts[0].severity, WARNING) if alerts[0].firing else SUCCESS


def _time(text: str) -> str:
    """Return an RFC 3339 time as the clock of this machine shows it."""
    try:
        return datetime.fromisoformat(_shorter(text)).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return text


def _shorter(text: str) -> str:
    """Leave the parts of a second out: Go writes up to nine digits, and Python 3.11 reads six."""
    whole, point, rest = text.partition(".")
    zone = rest.lstrip("0123456789") if point else ""
    return whole + zone


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
