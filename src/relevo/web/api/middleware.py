"""What Django answers by itself below `/api/` (no such address, a wrong method, a failure), as problems."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from relevo.web.api.problems import Problem, answer

ROOM = "/api/"
_BY_DJANGO = {400: "malformed", 404: "not-found", 405: "method-wrong", 413: "too-large", 500: "failed"}
_TOLD = ("application/json", "application/problem+json")


def problems(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Tell programs what went wrong in their own way, wherever in Django it did."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        kind = _BY_DJANGO.get(response.status_code) if request.path.startswith(ROOM) else None
        if not kind or response.headers.get("Content-Type", "") in _TOLD:
            return response
        kept = {"Allow": response.headers["Allow"]} if "Allow" in response.headers else {}
        return answer(Problem(kind, headers=kept))

    return respond
