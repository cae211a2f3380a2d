"""What an owner is told at the top of the next page: what was done, or why it was not."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest


def tell(request: HttpRequest, said: Iterable[str], *, done: bool) -> None:
    """Have these sentences on the next page, as a success when something was done."""
    for text in said:
        messages.add_message(request, messages.SUCCESS if done else messages.WARNING, text)
