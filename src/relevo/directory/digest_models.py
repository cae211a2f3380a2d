"""The tables of the daily lists of refused mail: who got which one, and the links in it."""

from __future__ import annotations

from django.db import models


class DigestRun(models.Model):
    """One time that lists were made: each day's, or one by order. It is for the copies with these numbers.

    `name` is the day, so that there is one for each; `validity` says of which mailbox the numbers are (IMAP's
    UIDVALIDITY). It is over, with `ended_at`, when everybody has been told.
    """

    name = models.CharField(max_length=32, unique=True)
    validity = models.PositiveBigIntegerField()
    after_uid = models.PositiveBigIntegerField()
    until_uid = models.PositiveBigIntegerField()
    since = models.DateTimeField(null=True, blank=True)  # of the first one: no older copies
    began_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Digest(models.Model):
    """One owner's list; unique in its run, so nobody gets two.

    The row is there before Postfix is asked. One without `sent_at` was interrupted: it may have been sent or not.
    """

    run = models.ForeignKey(DigestRun, models.CASCADE, related_name="digests")
    mailbox = models.ForeignKey("directory.Mailbox", models.CASCADE, related_name="digests")
    after_uid = models.PositiveBigIntegerField()  # it has copies behind this one
    begun_at = models.DateTimeField(auto_now_add=True, db_index=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:  # noqa: D106 - Django's name
        constraints = (models.UniqueConstraint(fields=("run", "mailbox"), name="digest_once"),)

    def __str__(self) -> str:
        return f"{self.run} for {self.mailbox}"


class DigestLink(models.Model):
    """A link that has one message delivered to one owner, once; of its secret part only a hash is kept."""

    digest = models.ForeignKey(Digest, models.CASCADE, related_name="links")
    copy = models.CharField(max_length=32)  # the filter's id
    hashed = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.copy} in {self.digest}"
