"""Settings with which `apply` collects the static files: no database, no secret.

RELEVO_STATIC_ROOT=DIRECTORY DJANGO_SETTINGS_MODULE=relevo.web.building python -m django collectstatic --no-input
"""

from __future__ import annotations

import os

from relevo.web.base import *  # noqa: F403 - settings are extended so

SECRET_KEY = "signs nothing"  # noqa: S105 - that is all it is for
STATIC_ROOT = os.environ["RELEVO_STATIC_ROOT"]
