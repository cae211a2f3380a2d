"""Bars of a day's hours as shapes of an SVG; a template draws them, styles give them their colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import date
from django.utils import timezone
from django.utils.translation import gettext as _

from relevo.directory.status.mailflow import Hour, MailFlow
from relevo.queue.flow import KINDS

WIDTH, HEIGHT, GAP = 250, 48, 2  # units of the drawing


@dataclass(frozen=True)
class Bar:
    """One hour: its place and size in the drawing, and what it stands for; `known` is false of one without figures."""

    x: int
    y: float
    width: int
    height: float
    title: str
    known: bool


@dataclass(frozen=True)
class Chart:
    """One kind of mail: `said` is what the picture tells, for who can't see it."""

    kind: str
    title: str
    total: int
    highest: int
    said: str
    bars: Sequence[Bar]


def charts(flow: MailFlow) -> list[Chart]:
    """Return a chart for each kind, all of the same hours, each with a scale of its own."""
    return [_chart(flow, kind) for kind in KINDS]


def table(flow: MailFlow) -> list[dict[str, Any]]:
    """Return the same as rows, the newest hour first."""
    return [
        {"when": _span(hour), "counts": [hour.counts.get(kind) for kind in KINDS]} for hour in reversed(flow.hours)
    ]


def titles() -> dict[str, str]:
    """Return what the kinds are called."""
    return {
        "accepted": _("Taken"), "delivered": _("Delivered"), "deferred": _("Put off"), "rejected": _("Refused"),
    }


def _chart(flow: MailFlow, kind: str) -> Chart:
    highest = max((hour.counts.get(kind, 0) for hour in flow.hours), default=0)
    width = WIDTH // len(flow.hours)
    bars = [_bar(hour, kind, place * width, width - GAP, highest) for place, hour in enumerate(flow.hours)]
    total, title = flow.total(kind), titles()[kind]
    return Chart(kind, title, total, highest, _said(flow, kind, title, total, highest), bars)


def _bar(hour: Hour, kind: str, x: int, width: int, highest: int) -> Bar:
    count = hour.counts.get(kind)
    if count is None:
        return Bar(x, 0, width, HEIGHT, _("{when}: no figures").format(when=_span(hour)), known=False)
    height = round(HEIGHT * count / highest, 1) if count else 0
    title = _("{when}: {count}").format(when=_span(hour), count=count)
    return Bar(x, round(HEIGHT - height, 1), width, height, title, known=True)


def _said(flow: MailFlow, kind: str, title: str, total: int, highest: int) -> str:
    if not highest:
        return _("{title}: none in a day").format(title=title)
    peak = max(flow.hours, key=lambda hour: hour.counts.get(kind, 0))
    text = _("{title}: {total} in a day, most of them {highest} from {when}")
    return text.format(title=title, total=total, highest=highest, when=_span(peak))


def _span(hour: Hour) -> str:
    began = timezone.localtime(hour.began)
    return f"{date(began, 'D H:i')}"
