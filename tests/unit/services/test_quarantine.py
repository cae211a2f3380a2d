from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from relevo.cluster.model import Cluster
from relevo.services import amavis, postfix
from relevo.services.base import Context
from tests.unit.services.golden import check_golden, rendered


def test_files(context: Callable[[str], Context]) -> None:
    check_golden("quarantine", context("mail01"))


def test_with_no_days_nothing_is_kept_and_nothing_leads_there(
    cluster: Cluster, context: Callable[[str], Context]
) -> None:
    none = cluster.model_copy(update={"filter": cluster.filter.model_copy(update={"quarantine_days": 0})})
    for ctx, kept in ((context("mail01"), True), (replace(context("mail01"), cluster=none), False)):
        hooks = _text(ctx, amavis.SERVICE.name, "etc/amavis/conf.d/65-relevo-hooks")
        assert ("do_quarantine" in hooks) is kept
        assert "sub checks" in hooks  # what is said of senders counts all the same
        for name in ("main.cf", "master.cf"):
            assert ("quarantine" in _text(ctx, postfix.SERVICE.name, f"etc/postfix/{name}").replace(
                "relevo-quarantine", "").replace("writes to the quarantine", "")) is kept


def test_nobody_can_send_to_the_quarantine_from_outside_or_logged_in(context: Callable[[str], Context]) -> None:
    main = _text(context("mail01"), "postfix", "etc/postfix/main.cf")
    restrictions = main[main.index("smtpd_recipient_restrictions"):]
    assert restrictions.index("Nobody writes to the quarantine") < restrictions.index("check_policy_service")
    submission = _text(context("mail01"), "postfix", "etc/postfix/master.cf").split("# --- from Amavis")[0]
    assert "smtpd_recipient_restrictions" not in submission  # main.cf's hold there, too


def _text(ctx: Context, service: str, path: str) -> str:
    return rendered(service, ctx)[path].decode()
