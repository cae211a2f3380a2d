"""Adoption of a dead node's queue: see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="adoption", title="adoption of a dead node's queue", roles=MAIL)
