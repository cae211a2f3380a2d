"""The tables of what mailboxes are used for; relevo-use writes them, nobody else does.

The address in place of a number, and no constraint: relevo-use has no rights to any other table, and looks nothing up
before it writes. Why it is so: docs/decisions/0016-use-of-mailboxes.md.
"""

from __future__ import annotations

from django.db import models

from relevo.directory.addresses import ADDRESS_LENGTH

PROTOCOL_LENGTH, CLIENT_LENGTH, PROGRAM_LENGTH, KEY_LENGTH = 8, 45, 60, 32


class MailboxUse(models.Model):
    """When a mailbox was last logged in to, and how full it is; `due` until what has changed in it is counted."""

    mailbox = models.OneToOneField(
        "directory.Mailbox", models.DO_NOTHING, to_field="address", db_column="address", db_constraint=False,
        primary_key=True, related_name="use",
    )
    last_login_at = models.DateTimeField(null=True)
    protocol = models.CharField(max_length=PROTOCOL_LENGTH, db_default="")
    client = models.CharField(max_length=CLIENT_LENGTH, db_default="")
    quota_used = models.PositiveBigIntegerField(null=True)  # bytes
    quota_at = models.DateTimeField(null=True)
    due = models.BooleanField(db_default=True)

    class Meta:  # noqa: D106 - Django's name
        indexes = (models.Index(fields=("due", "quota_at"), name="mailbox_use_due"),)

    def __str__(self) -> str:
        return str(self.mailbox_id)


class DeviceUse(models.Model):
    """What an owner's mail was fetched or sent with, from one network; `key` is a digest of what it is told apart by.

    `app` is the number of an app password, 0 for the mailbox's own, None where the servers don't say (sending).
    """

    key = models.CharField(max_length=KEY_LENGTH, primary_key=True)
    address = models.CharField(max_length=ADDRESS_LENGTH, db_index=True)
    protocol = models.CharField(max_length=PROTOCOL_LENGTH)
    app = models.BigIntegerField(null=True)
    program = models.CharField(max_length=PROGRAM_LENGTH, db_default="")  # as it calls itself
    client = models.CharField(max_length=CLIENT_LENGTH, db_default="")  # the last address in that network
    first_at = models.DateTimeField()
    last_at = models.DateTimeField(db_index=True)

    class Meta:  # noqa: D106 - Django's name
        ordering = ("-last_at", "key")

    def __str__(self) -> str:
        return f"{self.protocol} of {self.address}"


class UseReading(models.Model):
    """Up to when all that happened on a mail node stands in the tables above."""

    node = models.CharField(max_length=63, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.node} {self.at}"
