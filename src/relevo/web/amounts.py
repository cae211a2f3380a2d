"""Amounts of storage in words, and how full something is as a bar that needs no style of its own."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

MIB = 1 << 20
_FEW = 10  # MiB; below it tenths are told
_HIGH = 90  # percent


def mib(amount: int) -> str:
    """Return bytes as MiB, which no line end breaks."""
    number = amount / MIB
    return f"{number:.1f}\N{NO-BREAK SPACE}MiB" if 0 < number < _FEW else f"{number:.0f}\N{NO-BREAK SPACE}MiB"


def bar(used: int, allowed: int) -> SafeString:
    """Return how full something is; the figures stand beside it, so nobody needs to see it."""
    percent = min(100, round(used * 100 / allowed))
    return format_html(
        '<meter class="relevo-meter" min="0" max="100" high="{}" optimum="0" value="{}" aria-hidden="true"></meter>',
        _HIGH, percent,
    )
