"""The tables of shared mailboxes: which ones they are, and who may do what with them.

The mailbox itself is one like any other (it receives, has a quota, can be removed and brought back), and nobody can log
in to it.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from relevo.directory.models import Mailbox


class Level(models.TextChoices):
    """What a member may do, each with all that those before it may."""

    READ = "read", _("read")
    WRITE = "write", _("write")  # marks, moves and deletes mail
    MANAGE = "manage", _("manage")  # makes, renames and deletes folders


class SharedMark(models.Model):
    """A mailbox is a shared one."""

    mailbox = models.OneToOneField(Mailbox, models.CASCADE, primary_key=True, related_name="shared_mark")

    def __str__(self) -> str:
        return f"{self.mailbox} is shared"


class SharedMember(models.Model):
    """Who opens a shared mailbox from a mailbox of their own."""

    mailbox = models.ForeignKey(Mailbox, models.CASCADE, related_name="shared_members")
    member = models.ForeignKey(Mailbox, models.CASCADE, related_name="memberships")
    level = models.CharField(max_length=6, choices=Level.choices)
    may_send = models.BooleanField(default=False)  # as the shared address

    class Meta:  # noqa: D106 - Django's name
        constraints = (models.UniqueConstraint(fields=("mailbox", "member"), name="shared_member_once"),)

    def __str__(self) -> str:
        return f"{self.member}: {self.level} {self.mailbox}"


class SharedMailbox(Mailbox):
    """A shared mailbox, as the administration lists it."""

    class Meta:  # noqa: D106 - Django's name
        proxy = True
        ordering = ("address",)
        verbose_name, verbose_name_plural = _("shared mailbox"), _("shared mailboxes")
