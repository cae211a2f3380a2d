"""Mail store on the mail nodes (mount): see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="storage", title="mail store (mount)", roles=MAIL)
