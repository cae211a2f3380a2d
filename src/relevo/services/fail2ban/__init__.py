"""Bans (fail2ban): see README.md beside this file."""

from relevo.services.base import EVERYWHERE, Service

SERVICE = Service(name="fail2ban", title="bans (fail2ban)", roles=EVERYWHERE)
