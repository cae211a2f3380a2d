"""The rows that changes write so that no two of them are committed at once: see guards.py."""

from __future__ import annotations

from django.db import models

LENGTH = 50  # of a name, in characters


class Guard(models.Model):
    """A row that stands for a rule over many rows."""

    name = models.CharField(max_length=LENGTH, primary_key=True)
    turn = models.PositiveBigIntegerField(default=0)  # how often it was held; only that it changes matters

    def __str__(self) -> str:
        return self.name
