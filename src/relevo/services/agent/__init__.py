"""Relevo-agent: see README.md beside this file."""

from relevo.services.base import EVERYWHERE, Service

SERVICE = Service(name="agent", title="relevo-agent", roles=EVERYWHERE)
