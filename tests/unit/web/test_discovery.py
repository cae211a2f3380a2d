"""What mail programs are told that know only an address."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from relevo.drills.promises import setting_up
from relevo.services.web.settings import AUTOCONFIG, AUTODISCOVER

_QUESTION = """<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request>
<EMailAddress>{address}</EMailAddress>
</Request></Autodiscover>"""
_SPACE = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}"


def asking() -> Client:
    """Return a program that has no session and no token of a form."""
    return Client(enforce_csrf_checks=True, headers={"host": settings.RELEVO_HOSTNAME})


def _autodiscover(address: str) -> ET.Element:
    answer = asking().post(AUTODISCOVER, _QUESTION.format(address=address), "text/xml")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/xml")
    return ET.fromstring(answer.content)  # noqa: S314 - our own


def test_thunderbird_reads_each_server_once():
    root = ET.fromstring(asking().get(AUTOCONFIG).content)  # noqa: S314 - our own
    servers = {each.get("type"): each for each in root.iter() if each.tag.endswith("Server")}
    ports = {kind: each.findtext("port") for kind, each in servers.items()}
    assert ports == {"imap": "993", "pop3": "995", "smtp": "465"}
    for each in servers.values():
        assert each.findtext("hostname") == settings.RELEVO_HOSTNAME
        assert each.findtext("socketType") == "SSL"
        assert each.findtext("username") == "%EMAILADDRESS%"


def test_outlook_gets_its_address_back_as_user_name():
    protocols = _autodiscover("ana@example.org").findall(f".//{_SPACE}Protocol")
    assert {each.findtext(f"{_SPACE}Type"): each.findtext(f"{_SPACE}Port") for each in protocols} == {
        "IMAP": "993", "POP3": "995", "SMTP": "465",
    }
    assert {each.findtext(f"{_SPACE}LoginName") for each in protocols} == {"ana@example.org"}
    assert {each.findtext(f"{_SPACE}Server") for each in protocols} == {settings.RELEVO_HOSTNAME}


@pytest.mark.parametrize("address", ["", "ana", "a b@example.org", "&lol;@example.org"])
def test_without_an_address_outlook_is_told_so(address):
    root = _autodiscover(address)
    assert root.findtext(f".//{_SPACE}ErrorCode") == "600"
    assert not root.findall(f".//{_SPACE}Protocol")


@given(st.binary(max_size=300))
def test_no_question_is_too_strange(body):
    assert asking().post(AUTODISCOVER, b"<EMailAddress>" + body + b"</EMailAddress>", "text/xml").status_code == 200


def test_what_the_drill_looks_for_is_what_is_sent():
    thunderbird = asking().get(AUTOCONFIG).content.decode()
    outlook = asking().post(AUTODISCOVER, _QUESTION.format(address="ana@example.org"), "text/xml").content.decode()
    for text, pattern in ((thunderbird, setting_up.MOZILLA), (outlook, setting_up.MICROSOFT)):
        assert {each["kind"].lower(): each["port"] for each in pattern.finditer(text)} == {
            "imap": "993", "pop3": "995", "smtp": "465",
        }


def test_it_neither_asks_the_database_nor_sets_a_cookie(people):
    with CaptureQueriesContext(connection) as queries:
        answer = asking().get(AUTOCONFIG)
    assert not queries
    assert not answer.cookies
