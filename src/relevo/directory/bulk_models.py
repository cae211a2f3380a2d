"""The table of imports that wait for their second button."""

from __future__ import annotations

from django.db import models


class WaitingImport(models.Model):
    """A table that an administrator has uploaded on the web, sealed: there may be passwords in it."""

    administrator = models.ForeignKey("directory.Administrator", models.CASCADE, related_name="waiting_imports")
    kind = models.CharField(max_length=10)
    sealed = models.TextField()
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:  # noqa: D106 - Django's name
        constraints = (models.UniqueConstraint(fields=("administrator", "kind"), name="waiting_import_once"),)

    def __str__(self) -> str:
        return f"{self.kind} table of {self.administrator}"
