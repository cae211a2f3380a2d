"""QR codes as SVG within the page: no picture is fetched, nothing leaves the server."""

from __future__ import annotations

import segno
from django.utils.safestring import SafeString, mark_safe


def svg(text: str) -> SafeString:
    """Return a text as a QR code, black on white in dark pages too: that is what cameras look for."""
    code = segno.make(text, error="m", micro=False)
    drawn = code.svg_inline(border=4, omitsize=True, dark="#000", light="#fff", svgclass="relevo-qr", lineclass=None)
    return mark_safe(drawn)  # noqa: S308 - paths and numbers; the text is in it as modules only
