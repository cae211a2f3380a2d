"""No secret leaves a node in an event: every text is searched for every secret value before it goes out."""

from __future__ import annotations

from relevo.cluster.secrets import Secrets

HIDDEN = "********"
_SHORTEST = 8  # shorter pieces would hide ordinary words


class Mask:
    """Replaces the secrets of a cluster in texts."""

    def __init__(self, secrets: Secrets) -> None:
        """Learn the values; of those with several lines (PEM) each line counts."""
        public = {"ca_certificate", "tls_certificate"}
        values = (secrets.reveal(name) for name in Secrets.model_fields if name not in public)
        pieces = {line.strip() for value in values for line in value.splitlines()}
        self._pieces = sorted(
            (p for p in pieces if len(p) >= _SHORTEST and not p.startswith("-----")), key=len, reverse=True
        )

    def __call__(self, text: str) -> str:
        """Return the text with every secret hidden."""
        for piece in self._pieces:
            text = text.replace(piece, HIDDEN)
        return text
