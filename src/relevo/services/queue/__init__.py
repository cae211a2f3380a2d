"""The mail queues, for web, API and commands: see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="queue", title="control of the mail queues", roles=MAIL)
