"""Spam filter rules (SpamAssassin): see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="spamassassin", title="spam filter rules (SpamAssassin)", roles=MAIL)
