from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from relevo.errors import ConfigurationError
from relevo.services.base import Context, Release
from relevo.services.dovecot.render import render
from tests.unit.services.golden import check_golden


def test_golden(context: Callable[[str], Context]) -> None:
    check_golden("dovecot", context("mail01"))


def test_both_nodes_have_the_same_configuration(context: Callable[[str], Context]) -> None:
    assert render(context("mail01")) == render(context("mail02"))


def test_the_password_is_in_a_file_for_root_alone(context: Callable[[str], Context]) -> None:
    for file in render(context("mail01")):
        assert (b"secret-database-dovecot" in file.data) == file.secret
        assert not file.secret or file.mode == 0o600


def test_an_older_dialect_is_refused_with_a_sentence(context: Callable[[str], Context]) -> None:
    ctx = context("mail01")
    old = replace(ctx, facts=replace(ctx.facts, release=Release("debian", "12")))
    with pytest.raises(ConfigurationError, match="use Debian 13"):
        render(old)
