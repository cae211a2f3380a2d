"""The tables of the API: the tokens of programs, and answers that are given again; `models.py` has the others."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

DIGEST_LENGTH = 64  # SHA-256, in hexadecimal


class ApiToken(models.Model):
    """What a program shows in place of a password; of the token itself only a digest is kept."""

    administrator = models.ForeignKey("directory.Administrator", models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)  # the program's
    digest = models.CharField(max_length=DIGEST_LENGTH, unique=True)
    scopes = models.JSONField(default=list)  # e.g. ['mailboxes:read']
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)  # to the minute

    plain = ""  # the token, of one that has just been made; nowhere else, and never again

    class Meta:  # noqa: D106 - Django's name
        ordering = ("id",)
        verbose_name, verbose_name_plural = _("API token"), _("API tokens")

    def __str__(self) -> str:
        return self.name

    @property
    def is_expired(self) -> bool:
        """Whether its time is over."""
        return self.expires_at <= timezone.now()


class KeptAnswer(models.Model):
    """The first answer to a request with an Idempotency-Key, kept for a day: see kept_answers.py."""

    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="kept_answers")
    key = models.CharField(max_length=DIGEST_LENGTH)  # a digest of what the program chose
    request = models.CharField(max_length=DIGEST_LENGTH)  # a keyed digest: a body may hold a password
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:  # noqa: D106 - Django's name
        constraints = (models.UniqueConstraint(fields=("token", "key"), name="kept_answer_once"),)

    def __str__(self) -> str:
        return f"{self.token} {self.at:%Y-%m-%d %H:%M:%S}"
