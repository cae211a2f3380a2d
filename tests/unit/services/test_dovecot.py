from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from relevo.cluster.model import Cluster
from relevo.services.base import Context
from relevo.services.dovecot.render import render
from relevo.services.dovecot.settings import CONFIGURATION
from relevo.services.releases import DEBIAN_12, Release
from tests.unit.services.golden import check_golden


def test_golden(context: Callable[[str], Context]) -> None:
    check_golden("dovecot", context("mail01"))


def test_both_nodes_have_the_same_configuration(context: Callable[[str], Context]) -> None:
    assert render(context("mail01")) == render(context("mail02"))


def test_the_password_is_in_a_file_for_root_alone(context: Callable[[str], Context]) -> None:
    for file in render(context("mail01")):
        assert (b"secret-database-dovecot" in file.data) == file.secret
        assert not file.secret or file.mode == 0o600


# What is said in another way by the older one: a setting of 2.4, the same in 2.3. Reference of both: doc.dovecot.org
SAME = [
    ("auth_allow_cleartext = no", "disable_plaintext_auth = yes"),
    ("auth_username_format = %{user | lower}", "auth_username_format = %Lu"),
    ("service auth-worker {\n  process_limit = 4\n}", "auth_worker_max_count = 4"),
    ("mail_volatile_path = /run/relevo-mail/%{user}", ":VOLATILEDIR=/run/relevo-mail/%u"),
    ("quota_storage_grace = 0", "quota_grace = 0"),
    ("quota_storage_extra = 10M", "quota_rule2 = Trash:storage=+10M"),
    ("restart_request_count = unlimited", "service_count = 0"),
    ("restart_request_count = 200", "service_count = 200"),
    ("acl_global_path = /var/lib/relevo-sharing/rights", "acl = vfile:/var/lib/relevo-sharing/rights:cache_secs=3"),
    ("acl_cache_ttl = 3s", ":cache_secs=3"),
    ("    path = /var/lib/relevo-sharing/map", "acl_shared_dict = file:/var/lib/relevo-sharing/map"),
    ("prefix = Shared mailboxes/$user/", "prefix = Shared mailboxes/%%u/"),
    ("mail_path = /var/lib/relevo-sharing/boxes/%{user}/%{owner_user}", ":/var/lib/relevo-sharing/boxes/%u/%%u:"),
    ("mail_volatile_path = /run/relevo-mail/%{owner_user}", ":VOLATILEDIR=/run/relevo-mail/%%u"),
    ("    imap_acl = yes", "mail_plugins = $mail_plugins imap_quota imap_acl"),
    ("    listen = 127.0.0.1\n    port = 4190", "    address = 127.0.0.1\n    port = 4190"),
]


@pytest.mark.parametrize(("newer", "older"), SAME, ids=[newer.split(" ")[0] for newer, _ in SAME])
def test_both_dialects_say_the_same(
    newer: str, older: str, context: Callable[[str], Context], context_of: Callable[[str, Release], Context]
) -> None:
    assert newer in _configuration(context("mail01"))
    assert older in _configuration(context_of("mail01", DEBIAN_12))


def test_what_both_dialects_call_alike_has_one_value(
    context: Callable[[str], Context], context_of: Callable[[str, Release], Context]
) -> None:
    newer = _settings(_configuration(context("mail01")))
    older = _settings(_configuration(context_of("mail01", DEBIAN_12)))
    # where values are blocks in one of them, or have variables
    own = {
        "acl", "auth_username_format", "client_limit", "driver", "imap_logout_format", "listen",
        "login_log_format_elements", "mail_home", "prefix", "process_limit", "quota", "sieve", "type",
    }
    assert len(alike := (newer.keys() & older.keys()) - own) > 30
    assert {name: newer[name] for name in alike} == {name: older[name] for name in alike}


@pytest.mark.parametrize("kind", ["glusterfs", "nfs"])
def test_mails_are_synced_as_the_storage_needs_it_in_both_dialects(
    kind: str, cluster: Cluster, context: Callable[[str], Context], context_of: Callable[[str, Release], Context]
) -> None:
    storage = cluster.model_copy(update={"storage": cluster.storage.model_copy(update={"kind": kind})})
    wanted = "mail_fsync = optimized\n" if kind == "glusterfs" else "mail_fsync = always\n"
    for ctx in (context("mail01"), context_of("mail01", DEBIAN_12)):
        assert wanted in _configuration(replace(ctx, cluster=storage))


def _configuration(ctx: Context) -> str:
    return next(file.data.decode() for file in render(ctx) if file.path == CONFIGURATION)


def _settings(text: str) -> dict[str, list[str]]:
    """Return the values of each setting, wherever it stands."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, sign, value = line.strip().partition(" = ")
        if sign and not name.startswith("#"):
            found.setdefault(name, []).append(value)
    return found
