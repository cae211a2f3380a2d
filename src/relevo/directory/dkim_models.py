"""The table of the keys that mail is signed with (DKIM, RFC 6376); `models.py` has the others."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

SELECTOR_LENGTH = 63  # of a label, RFC 1035
# A message may wait in queues for five days, and a resolver may know a record for a day or two.
SAFE = timedelta(days=7)


class KeyState(models.TextChoices):
    """What a key is used for. All three are published: what was signed yesterday is verified tomorrow."""

    NEW = "new"  # to be published; nothing is signed with it yet
    SIGNING = "signing"  # one of a domain at most
    RETIRED = "retired"  # stays published until nobody verifies with it any more


class DkimKey(models.Model):
    """A key of a domain. Its private half is sealed: who makes keys can't read those of before (`cluster.sealing`)."""

    domain = models.ForeignKey("directory.Domain", models.CASCADE, related_name="dkim_keys")
    selector = models.CharField(max_length=SELECTOR_LENGTH)
    state = models.CharField(max_length=10, choices=KeyState.choices, default=KeyState.NEW)
    public = models.TextField()  # the `p=` of its record
    sealed = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True, blank=True)  # since when DNS shows a new one, without interruption
    signing_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:  # noqa: D106 - Django's name
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("domain", "selector"), name="dkim_selector_once"),)
        verbose_name, verbose_name_plural = _("DKIM key"), _("DKIM keys")

    def __str__(self) -> str:
        return self.selector

    @property
    def name(self) -> str:
        """The name of its record."""
        return f"{self.selector}._domainkey.{self.domain.name}"

    @property
    def safe_from(self) -> datetime | None:
        """From when on nobody verifies any more what a retired one has signed."""
        return self.retired_at + SAFE if self.state == KeyState.RETIRED and self.retired_at else None

    @property
    def may_go(self) -> bool:
        """Whether nobody needs its record any more."""
        return self.safe_from is not None and self.safe_from <= timezone.now()
