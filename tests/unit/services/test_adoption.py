"""The Postfix that works on the other node's queue, its mount, and what it must have in common with the node's own."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from relevo.cluster import wires
from relevo.cluster.model import MailSection, StorageSection
from relevo.services.adoption import settings
from relevo.services.adoption.render import render
from relevo.services.base import Context, File
from relevo.services.postfix import render as postfix_render
from tests.unit.services.golden import GOLDEN, check_golden

_STORE = f"/etc/systemd/system/{settings.STORE_UNIT}"
_UNIT = f"/etc/systemd/system/{wires.ADOPTED_UNIT}"
_MAIN = "/etc/postfix-adopted/main.cf"
_MASTER = "/etc/postfix-adopted/master.cf"
# what makes it another Postfix
_ITS_OWN = {"queue_directory", "data_directory", "syslog_name", "master_service_disable", "authorized_submit_users"}


def _text(files: tuple[File, ...], path: str) -> str:
    return next(file for file in files if file.path == path).data.decode()


def _settings(text: str) -> dict[str, str]:
    """Return main.cf's settings: continued lines are joined, comments are none."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\n\s+", " ", "\n".join(lines))
    return {name.strip(): value.strip() for name, _, value in (line.partition("=") for line in joined.splitlines())}


def _services(text: str) -> dict[str, list[str]]:
    """Return master.cf's services as name and type, each with its fields and options."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\n\s+", " ", "\n".join(lines)).splitlines()
    return {" ".join(fields[:2]): fields[2:] for fields in (line.split() for line in joined)}


@pytest.mark.parametrize("node", ["mail01", "mail02"])
def test_golden(context: Callable[[str], Context], node: str) -> None:
    check_golden("adoption", context(node))


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("nfs", {}),
        ("external", {"external_source": "nas:/mail", "external_type": "nfs", "external_options": "vers=4.1"}),
    ],
)
def test_mount_of_the_other_kinds(context: Callable[[str], Context], kind: str, keys: dict[str, str]) -> None:
    ctx = context("mail01")
    cluster = ctx.cluster.model_copy(update={"storage": StorageSection(kind=kind, **keys)})
    text = _text(render(replace(ctx, cluster=cluster)), _STORE)
    golden = GOLDEN / "adoption" / f"{kind}.service"
    if os.environ.get("RELEVO_GOLDEN") == "write":
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize(("node", "other"), [("mail01", "mail02"), ("mail02", "mail01")])
def test_the_queue_is_the_other_nodes_and_is_seen_through_the_own_mount(
    context: Callable[[str], Context], node: str, other: str
) -> None:
    files = render(context(node))
    assert _settings(_text(files, _MAIN))["queue_directory"] == settings.SPOOL != wires.SPOOL
    assert f"{wires.QUEUE_LINKS_COMMAND} /srv/adopted/queue/{other} {settings.SPOOL}\n" in _text(files, _STORE)
    for file in files:
        assert f"/queue/{node}" not in file.data.decode()
        assert wires.MAIL_MOUNT not in file.data.decode()


@pytest.mark.parametrize("mail", [{}, {"relay_host": "[smtp.isp.example]:587", "message_size_mb": 7}])
def test_waiting_mail_is_treated_as_by_the_nodes_own_postfix(
    context: Callable[[str], Context], mail: dict[str, object]
) -> None:
    ctx = context("mail01")
    ctx = replace(ctx, cluster=ctx.cluster.model_copy(update={"mail": MailSection(**mail)}))
    adopted = _settings(_text(render(ctx), _MAIN))
    own = _settings(_text(postfix_render.render(ctx), "/etc/postfix/main.cf"))
    assert adopted["virtual_transport"] == "lmtp:inet:192.168.100.100:24"
    for name in adopted.keys() - _ITS_OWN:
        assert adopted[name] == own[name], name


def test_what_it_leaves_out_only_a_listener_asks(context: Callable[[str], Context]) -> None:
    ctx = context("mail01")
    adopted = _settings(_text(render(ctx), _MAIN))
    own = _settings(_text(postfix_render.render(ctx), "/etc/postfix/main.cf"))
    missing = {name for name in own.keys() - adopted.keys() if not name.startswith(("smtpd_", "postscreen_", "list"))}
    assert missing == {
        "mynetworks", "disable_vrfy_command", "local_recipient_maps", "virtual_mailbox_maps",  # for smtpd(8)
        "alias_database",  # for newaliases(1)
        "virtual_mailbox_limit",  # for virtual(8), to which no mail goes
    }


def test_it_has_every_service_of_the_nodes_own_but_no_listener(context: Callable[[str], Context]) -> None:
    ctx = context("mail01")
    adopted = _services(_text(render(ctx), _MASTER))
    own = _services(_text(postfix_render.render(ctx), "/etc/postfix/master.cf"))
    listening = {name for name in own if name.endswith((" inet", " pass"))}
    assert own.keys() - adopted.keys() - listening == {"tlsproxy unix", "dnsblog unix", "listposter unix"}
    for name, fields in adopted.items():
        assert fields == [field.replace("postfix/", "postfix-adopted/") for field in own[name]] or name == "amavis unix"


def test_the_mount_remembers_names_for_a_second(context: Callable[[str], Context]) -> None:
    text = _text(render(context("mail02")), _STORE)
    assert "--attribute-timeout=1 --entry-timeout=1 --negative-timeout=1 " in text


def test_nothing_starts_it_but_the_agent(context: Callable[[str], Context]) -> None:
    for path in (_STORE, _UNIT):
        assert "[Install]" not in _text(render(context("mail01")), path).split("\n")


def test_postfix_installs_the_script_that_the_mount_calls(context: Callable[[str], Context]) -> None:
    assert any(file.path == wires.QUEUE_LINKS_COMMAND for file in postfix_render.render(context("mail01")))
