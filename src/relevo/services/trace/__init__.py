"""Which way each message took, for web, API and commands: see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="trace", title="index of the mail journal", roles=MAIL)
