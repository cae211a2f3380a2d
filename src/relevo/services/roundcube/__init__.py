"""Webmail (Roundcube): see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="roundcube", title="webmail (Roundcube)", roles=MAIL)
