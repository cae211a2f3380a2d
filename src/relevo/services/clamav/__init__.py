"""Virus scanner (ClamAV): see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="clamav", title="virus scanner (ClamAV)", roles=MAIL)
