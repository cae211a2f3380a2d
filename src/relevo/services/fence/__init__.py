"""Storage fence and gate (nftables): see README.md beside this file."""

from relevo.services.base import EVERYWHERE, Service

SERVICE = Service(name="fence", title="storage fence and gate (nftables)", roles=EVERYWHERE)
