"""DNS (BIND 9): see README.md beside this file."""

from relevo.services.base import EVERYWHERE, Service

SERVICE = Service(name="bind", title="DNS (BIND 9)", roles=EVERYWHERE)
