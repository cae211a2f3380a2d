"""Tests compare English sentences, whatever the language of the machine, and take the time that a busy one needs."""

import os

from hypothesis import settings

os.environ["LANGUAGE"] = "en"
settings.register_profile("relevo", deadline=None)
settings.load_profile("relevo")
