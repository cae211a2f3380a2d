"""What the web server needs: packages and names."""

from __future__ import annotations

from relevo.services.base import Context

UNIT = "nginx.service"
DEBIAN_SITE = "/etc/nginx/sites-enabled/default"
_FORM_OVERHEAD_MB = 1  # a form around the attachments


def packages(_: Context) -> tuple[str, ...]:
    """Return the Debian packages."""
    return ("nginx",)


def body_mb(message_size_mb: int) -> int:
    """Return how much a browser may send at once, in MiB: a whole message's worth of attachments, and the form."""
    return message_size_mb + _FORM_OVERHEAD_MB
