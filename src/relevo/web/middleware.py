"""Around every request: what a page may load, whose cookies are whose, in which language, and who acts from where."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from relevo import i18n
from relevo.directory import audit

_Next = Callable[[HttpRequest], HttpResponse]
PORTAL = "/account/"

# Nothing from elsewhere, nothing inline, nothing evaluated, in nobody's frame. Pictures: arrows in Unfold's styles.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def content_policy(get_response: _Next) -> _Next:
    """Tell the browser what a page may load, and to keep no page: it is somebody's administration."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Content-Security-Policy"] = _POLICY
        response.setdefault("Cache-Control", "no-store")
        return response

    return answer


def rooms(get_response: _Next) -> _Next:
    """Keep the portal's cookies in the portal and the administration's there: one name, told apart by their path."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith(PORTAL):
            for cookie in response.cookies.values():
                cookie["path"] = PORTAL
        return response

    return answer


def language(get_response: _Next) -> _Next:
    """Have the directory's sentences in the language that Django has found for this request."""

    def answer(request: HttpRequest) -> HttpResponse:
        with i18n.speaking(get_language() or "en"):
            return get_response(request)

    return answer


def actor(get_response: _Next) -> _Next:
    """Have the audit log say who is logged in, and from where."""

    def answer(request: HttpRequest) -> HttpResponse:
        with audit.acting(request.user.get_username(), client(request)):
            return get_response(request)

    return answer


def client(request: HttpRequest) -> str:
    """Return the address of who asks: nginx says it, and only nginx reaches the socket."""
    return str(request.META.get("HTTP_X_REAL_IP", ""))[:45]
