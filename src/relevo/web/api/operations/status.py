"""How the platform is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import BaseModel

from relevo.directory.status.picture import picture
from relevo.directory.status.telling import described
from relevo.directory.tokens import STATUS
from relevo.web.api import status_shapes, telling
from relevo.web.api.kind import read, refuse_unknown

router = Router(tags=[STATUS])


class Nothing(BaseModel):
    """Nothing in particular can be asked for."""


@router.get("", response=status_shapes.Status, **telling.telling(STATUS, "getStatus"))
def get_status(request: HttpRequest) -> HttpResponse:
    """Read how the platform is: who holds the virtual IP and why, every service, and what if a machine died.

    For global administrators. A machine that does not answer has the role `silent`; `heard` says how long ago it did.
    """
    refuse_unknown(request, Nothing())
    return read(request, described(picture()))
