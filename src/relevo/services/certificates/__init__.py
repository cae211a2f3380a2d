"""TLS certificates: see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="certificates", title="TLS certificates", roles=MAIL)
