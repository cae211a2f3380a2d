from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from relevo.cluster.model import FilterSection
from relevo.services.base import Context
from relevo.services.spamassassin.render import render
from relevo.services.spamassassin.settings import CERTAIN, between
from tests.unit.services.golden import check_golden


def _local(ctx: Context, **keys: object) -> str:
    changed = replace(ctx, cluster=ctx.cluster.model_copy(update={"filter": FilterSection(**keys)}))
    return next(str(file.content) for file in render(changed) if file.path == "/etc/spamassassin/local.cf")


def test_golden(context: Callable[[str], Context]) -> None:
    check_golden("spamassassin", context("mail01"))


def test_a_closed_network_asks_nobody_on_the_internet(context: Callable[[str], Context]) -> None:
    assert "\nskip_rbl_checks 1\n" in _local(context("mail01"), signatures="offline")
    assert "skip_rbl_checks" not in _local(context("mail01"), signatures="online")


@pytest.mark.parametrize(("tag", "reject"), [(5.0, 15.0), (3.5, 8.0), (6.0, 20.0)])
def test_the_test_message_is_spam_but_not_refused(tag: float, reject: float) -> None:
    scores = FilterSection(spam_tag_score=tag, spam_reject_score=reject)
    assert tag < between(scores) < reject < CERTAIN
