"""The quarantine's units: see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="quarantine", title="quarantine", roles=MAIL)
