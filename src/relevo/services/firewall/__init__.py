"""Firewall (UFW): see README.md beside this file."""

from relevo.services.base import EVERYWHERE, Service

SERVICE = Service(name="firewall", title="firewall (UFW)", roles=EVERYWHERE)
