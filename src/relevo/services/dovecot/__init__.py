"""Mailboxes (Dovecot): see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="dovecot", title="mailboxes (Dovecot)", roles=MAIL)
