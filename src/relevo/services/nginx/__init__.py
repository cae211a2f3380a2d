"""Web server (nginx): see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="nginx", title="web server (nginx)", roles=MAIL)
