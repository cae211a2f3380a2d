"""The tables around the quarantine; the copies themselves are mails in a mailbox."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

ADDRESS_LENGTH = 254


class Verdict(models.TextChoices):
    """What is said of a sender."""

    ALLOW = "allow", _("allowed")
    BLOCK = "block", _("blocked")


class SenderRule(models.Model):
    """What is said of a sender: by one mailbox's owner, for a domain, or for all; the filter reads a view of it.

    `recipient` is the mailbox's address, '@' and the domain, or empty for all; `sender` an address, or '@' and its
    domain.
    """

    domain = models.ForeignKey("directory.Domain", models.CASCADE, null=True, blank=True, related_name="sender_rules")
    mailbox = models.ForeignKey("directory.Mailbox", models.CASCADE, null=True, blank=True, related_name="sender_rules")
    recipient = models.CharField(max_length=ADDRESS_LENGTH, blank=True, default="")
    sender = models.CharField(max_length=ADDRESS_LENGTH, db_index=True)
    verdict = models.CharField(max_length=5, choices=Verdict.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:  # noqa: D106 - Django's name
        ordering = ("recipient", "sender")
        verbose_name, verbose_name_plural = _("sender rule"), _("allowed and blocked senders")
        constraints = (models.UniqueConstraint(fields=("recipient", "sender"), name="sender_rule_once"),)

    def __str__(self) -> str:
        return self.sender


class QuarantineMark(models.Model):
    """What has become of a copy for one of its recipients; unique, so nobody gets a message twice.

    A release that was begun and not done was interrupted: it may have been sent or not.
    """

    copy = models.CharField(max_length=32)  # the filter's id
    recipient = models.CharField(max_length=ADDRESS_LENGTH + 66)  # also with a plus tag
    what = models.CharField(max_length=8)  # released, deleted
    begun_at = models.DateTimeField(auto_now_add=True, db_index=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:  # noqa: D106 - Django's name
        constraints = (models.UniqueConstraint(fields=("copy", "recipient"), name="quarantine_mark_once"),)

    def __str__(self) -> str:
        return f"{self.what} {self.copy} for {self.recipient}"
