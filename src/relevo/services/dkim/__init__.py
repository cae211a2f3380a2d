"""Keys that sign mail (DKIM): see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="dkim", title="keys that sign mail (DKIM)", roles=MAIL)
