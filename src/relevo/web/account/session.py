"""Who is logged in to the portal: a mailbox's owner, kept in the session, which is in the database on both nodes."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import TypeAlias

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect

from relevo.directory import audit, owners
from relevo.directory.models import Mailbox
from relevo.web.middleware import client

_OWNER, _HALF = "owner", "half_owner"
_HALF_SECONDS = 600  # for so long the password need not be given again
Page: TypeAlias = Callable[..., HttpResponse]


def begin(request: HttpRequest, box: Mailbox) -> None:
    """Log an owner in, under a new name of the session: nobody can have planted the old one."""
    request.session.flush()
    request.session[_OWNER] = {"mailbox": box.pk, "good_for": owners.good_for(box)}
    rotate_token(request)


def begin_half(request: HttpRequest, box: Mailbox) -> None:
    """Keep whose password was right, in a session that opens no page but that of the second factor."""
    request.session.flush()
    request.session[_HALF] = {
        "mailbox": box.pk, "good_for": owners.good_for(box), "until": time.time() + _HALF_SECONDS,
    }
    rotate_token(request)


def half_owner_of(request: HttpRequest) -> Mailbox | None:
    """Return whose password was right, not long ago, and is not another one since."""
    half = request.session.get(_HALF)
    return owners.owner(half["mailbox"], half["good_for"]) if half and time.time() < half["until"] else None


def keep(request: HttpRequest, box: Mailbox) -> None:
    """Keep this session alone, after the password or the second factor has changed."""
    request.session.cycle_key()
    request.session[_OWNER] = {"mailbox": box.pk, "good_for": owners.good_for(box)}
    rotate_token(request)


def end(request: HttpRequest) -> None:
    """Log out."""
    request.session.flush()


def owner_of(request: HttpRequest) -> Mailbox | None:
    """Return whose session this is; nobody's once the password is another one, or the mailbox switched off."""
    known = request.session.get(_OWNER)
    return owners.owner(known["mailbox"], known["good_for"]) if known else None


def own(page: Callable[..., HttpResponse]) -> Page:
    """Show a page to the owner who is logged in, whom the audit log then names, and the login to everybody else."""

    @wraps(page)
    def shown(request: HttpRequest, **arguments: object) -> HttpResponse:
        if not (box := owner_of(request)):
            return redirect("account:login")
        with audit.acting(box.address, client(request)):
            return page(request, box, **arguments)

    return shown
