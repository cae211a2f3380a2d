"""Mail filter (Amavis): see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="amavis", title="mail filter (Amavis)", roles=MAIL)
