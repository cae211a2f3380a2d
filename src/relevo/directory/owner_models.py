"""The tables of what mailbox owners set up by themselves; `models.py` has the others."""

from __future__ import annotations

from django.db import models

HANDLE_LENGTH = 16


class AppPassword(models.Model):
    """A password that one program of a mailbox's owner logs in with; of the password itself only hashes are kept.

    Dovecot finds the row by its `handle`, which it computes from what is typed. One with `expires_at` is no owner's:
    the portal logs in to ManageSieve with it (sieve_access.py), which nothing else may.
    """

    mailbox = models.ForeignKey("directory.Mailbox", models.CASCADE, related_name="app_passwords")
    name = models.CharField(max_length=60)
    handle = models.CharField(max_length=HANDLE_LENGTH)
    hashed = models.CharField(max_length=255)
    imap = models.BooleanField(default=False)
    pop3 = models.BooleanField(default=False)
    smtp = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    plain = ""  # the password, of one that has just been made; nowhere else, and never again

    class Meta:  # noqa: D106 - Django's name
        ordering = ("created_at", "pk")
        constraints = (models.UniqueConstraint(fields=("mailbox", "handle"), name="app_password_once"),)

    def __str__(self) -> str:
        return self.name


class OwnerApp(models.Model):
    """The authenticator app of a mailbox's owner, for the portal; as AuthenticatorApp is an administrator's."""

    mailbox = models.OneToOneField("directory.Mailbox", models.CASCADE, related_name="owner_app")
    sealed_key = models.CharField(max_length=255)
    last_step = models.PositiveBigIntegerField(default=0)  # of the last code that was accepted: none comes twice
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"app of {self.mailbox}"


class OwnerRecoveryCode(models.Model):
    """A code on paper for an owner who has lost the app; its row goes when it is used."""

    mailbox = models.ForeignKey("directory.Mailbox", models.CASCADE, related_name="recovery_codes")
    hashed = models.CharField(max_length=255)

    def __str__(self) -> str:
        return f"recovery code of {self.mailbox}"


class OwnerChoice(models.Model):
    """What a mailbox's owner has said of the mail that Relevo itself sends; who has said nothing has no row."""

    mailbox = models.OneToOneField("directory.Mailbox", models.CASCADE, related_name="choice")
    digest = models.BooleanField(default=True)  # the daily list of refused mail
    language = models.CharField(max_length=8, blank=True, default="")  # empty: the platform's

    def __str__(self) -> str:
        return f"choice of {self.mailbox}"
