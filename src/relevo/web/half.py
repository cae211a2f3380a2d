"""A login of which only the password was right so far: kept in the session, where it opens no page of the site.

Django knows nobody in such a session; what it holds is good for the page of the second factor, or, where one is
demanded and there is none, for setting it up.
"""

from __future__ import annotations

import time

from django.contrib.auth import login
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from relevo.directory.models import Administrator

SECONDS = 600  # for so long the password need not be given again
_HALF, _WHOLE = "half_login", "second_factor"


def begin(request: HttpRequest, administrator: Administrator, then: str) -> None:
    """Keep whose password was right, and the address that is shown when the login is whole."""
    request.session.flush()
    request.session[_HALF] = {
        "administrator": administrator.pk, "good_for": administrator.get_session_auth_hash(),
        "until": time.time() + SECONDS, "then": then,
    }


def administrator_of(request: HttpRequest) -> Administrator | None:
    """Return whose password was right, not long ago, and is not another one since."""
    half = request.session.get(_HALF)
    if not half or time.time() > half["until"]:
        return None
    found = Administrator.objects.filter(pk=half["administrator"], enabled=True).first()
    return found if found and constant_time_compare(found.get_session_auth_hash(), half["good_for"]) else None


def complete(request: HttpRequest, administrator: Administrator) -> str:
    """Log in who has proven the second factor, too; return the address that is shown next."""
    half = request.session.pop(_HALF)
    login(request, administrator)
    note_second_factor(request)
    return str(half["then"])


def note_second_factor(request: HttpRequest) -> None:
    """Note that whoever is logged in has proven a second factor."""
    request.session[_WHOLE] = True


def has_second_factor(request: HttpRequest) -> bool:
    """Tell whether whoever is logged in has proven one."""
    return bool(request.session.get(_WHOLE))
