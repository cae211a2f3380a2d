"""TLS certificates: see README.md beside this file."""

from relevo.services.base import EVERYWHERE, Service

SERVICE = Service(name="certificates", title="TLS certificates", roles=EVERYWHERE)
