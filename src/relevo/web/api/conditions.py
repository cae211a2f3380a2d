"""Conditions of requests: nobody overwrites what they have not seen (RFC 9110, sections 8.8.3 and 13)."""

from __future__ import annotations

import hashlib
import json
import re

from django.http import HttpRequest
from django.utils.translation import gettext as _

from relevo.directory.describe import Description
from relevo.directory.describe_use import MEASURED
from relevo.web.api.problems import Problem

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_DIGITS = 32  # of the digest, in hexadecimal


def tag(told: object) -> str:
    """Return the ETag of what is told: another one whenever anything of it that is set is different."""
    if isinstance(told, dict):  # of an entry what is set, not what is measured: a change would hit a moving target
        told = {name: value for name, value in told.items() if name not in MEASURED}
    text = json.dumps(told, sort_keys=True)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"'


def require_match(request: HttpRequest, told: Description) -> None:
    """Raise a problem unless If-Match names the entry as it is; `*` means whatever it is like."""
    if (given := request.headers.get("If-Match")) is None:
        raise Problem("condition-missing")
    current = tag(told)
    if given.strip() != "*" and current not in _TAG.findall(given):  # a weak tag matches nothing (13.1.1)
        raise Problem("stale", _("Its ETag is {tag} now.").format(tag=current))


def is_known(request: HttpRequest, current: str) -> bool:
    """Tell whether If-None-Match says that the program has this already."""
    given = request.headers.get("If-None-Match", "")
    return given.strip() == "*" or current in (found.removeprefix("W/") for found in _TAG.findall(given))
