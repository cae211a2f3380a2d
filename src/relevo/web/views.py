"""What is not a page of the site: the health check, and the pages for what went wrong."""

from __future__ import annotations

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from relevo.directory.models import Administrator
from relevo.web.middleware import PORTAL


def health(_request: HttpRequest) -> HttpResponse:
    """Say whether the application reads from the database."""
    try:
        Administrator.objects.exists()
    except Error as error:
        reason = error.args[-1] if error.args else type(error).__name__
        return HttpResponse(f"the database says: {reason}\n", "text/plain", status=503)
    return HttpResponse("reads from the database\n", "text/plain")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django gives it
    """Say that there is no such page."""
    return _sorry(request, 404, _("There is no such page"), _("It may have been removed, or its address is mistyped."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django gives it
    """Say that somebody has no right to that."""
    return _sorry(
        request, 403, _("That is not for you to see or do"),
        _("It is another domain's, it is for global administrators, or it can't be done with this entry. Nothing was "
          "changed."),
    )


def failed(request: HttpRequest) -> HttpResponse:
    """Say that it did not work; the journal has the reason."""
    if request.path.startswith(PORTAL):
        return _sorry(
            request, 500, _("That did not work"),
            _("Try again in a few seconds: after a failure the other server takes over. If it stays so, tell your "
              "administrator when it was."),
        )
    return _sorry(
        request, 500, _("That did not work"),
        _("Nothing was changed by half. Try again in a few seconds: after a failure the other server takes over. "
          "If it stays so, `relevo status` and the journal of relevo-web.service say why."),
    )


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django gives it
    """Say that a form did not come from a page of ours, or from one that was open for too long."""
    return _sorry(
        request, 403, _("This page was open for too long"),
        _("Nothing was changed. Go back, reload the page and send it again."),
    )


def _sorry(request: HttpRequest, status: int, title: str, advice: str) -> HttpResponse:
    home = "account:overview" if request.path.startswith(PORTAL) else "admin:index"
    return render(request, "relevo/sorry.html", {"title": title, "advice": advice, "home": home}, status=status)
