"""How a page of the portal is shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from relevo.directory.models import Mailbox


def day_of(day: date) -> str:
    """Return a day as people read it, which no line end breaks."""
    return f"{day:%Y-%m-%d}".replace("-", "\N{NON-BREAKING HYPHEN}")


def moment_of(at: datetime) -> str:
    """Return a day and time in the platform's time zone, which no line end breaks within the day."""
    local = timezone.localtime(at)
    return f"{day_of(local)} {local:%H:%M}"


def page(
    request: HttpRequest, box: Mailbox | None, name: str, title: Any, more: dict[str, Any] | None = None
) -> HttpResponse:
    """Show the template `account/NAME.html` to an owner, or to nobody yet."""
    context = {"box": box, "title": title, "hostname": settings.RELEVO_HOSTNAME, **(more or {})}
    return TemplateResponse(request, f"account/{name}.html", context)
