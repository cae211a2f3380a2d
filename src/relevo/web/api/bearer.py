"""Who asks: the token of a program, what it may do, and in whose name."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from relevo.directory import audit, tokens
from relevo.directory.api_models import ApiToken
from relevo.directory.login import refuse_token
from relevo.directory.models import Administrator
from relevo.errors import DirectoryError, UnavailableError
from relevo.web.api.problems import Problem
from relevo.web.middleware import client

_CHALLENGE = 'Bearer realm="Relevo"'
_RETRY = {"Retry-After": "60"}  # seconds; the text says how many minutes in all


class Token(HttpBearer):
    """The token that an operation needs, with its scope."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> ApiToken:
        """Return who asks, or raise a problem."""
        found: ApiToken | None = super().__call__(request)
        if not found:
            raise wrong_token("")
        return found

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        """Return the token when it is good for this operation; what is done now is done in its name."""
        found = _good(request, token)
        if not tokens.may(found, self.scope):
            raise Problem(
                "scope-too-small", _("It needs the scope {scope}.").format(scope=self.scope),
                {"WWW-Authenticate": f'{_CHALLENGE}, error="insufficient_scope", scope="{self.scope}"'},
            )
        if self.scope.partition(":")[0] in tokens.GLOBAL and not found.administrator.is_global:
            raise Problem("forbidden", _("This is a matter of global administrators."))
        tokens.note_use(found)
        audit.act_as(found.administrator.address, found.name)
        return found


def asking(request: HttpRequest) -> ApiToken:
    """Return the token that `Token` has found good."""
    found = getattr(request, "auth", None)
    if not isinstance(found, ApiToken):
        raise TypeError(found)
    return found


def administrator(request: HttpRequest) -> Administrator:
    """Return in whose name it is asked."""
    return asking(request).administrator


def require_global(request: HttpRequest, otherwise: str) -> None:
    """Raise a problem unless a global administrator asks."""
    if not administrator(request).is_global:
        raise Problem("forbidden", otherwise)


def wrong_token(detail: str) -> Problem:
    """Return the problem of who has no good token; without a detail none was sent at all (RFC 6750, section 3.1)."""
    challenge = f'{_CHALLENGE}, error="invalid_token"' if detail else _CHALLENGE
    return Problem("token-wrong", detail, {"WWW-Authenticate": challenge})


def _good(request: HttpRequest, plain: str) -> ApiToken:
    found = tokens.recognise(plain)
    if not found:
        _slow_down(client(request))
        raise wrong_token(_("This token is nobody's: it was removed, or is mistyped."))
    if found.is_expired:
        raise wrong_token(_("This token was good until {day}.").format(day=f"{found.expires_at:%Y-%m-%d %H:%M}"))
    if not found.administrator.enabled:
        raise wrong_token(_("The administrator of this token is switched off."))
    return found


def _slow_down(place: str) -> None:
    """Count what a client tries. A good token is let in all the same: it can't be guessed, however often one tries."""
    try:
        refuse_token(place)
    except UnavailableError:
        raise
    except DirectoryError as error:
        raise Problem("too-many-attempts", str(error), _RETRY) from None
