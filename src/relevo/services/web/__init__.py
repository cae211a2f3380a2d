"""Administration on the web: see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="web", title="administration on the web", roles=MAIL)
