"""What people read."""

from __future__ import annotations

import gettext
import time
from pathlib import Path

import pytest

import relevo
from relevo import i18n
from relevo.alerts.message import MOST_ALERTS, MOST_CHARACTERS, message
from tests.unit.alerts.payloads import alert, payload


@pytest.fixture(autouse=True)
def la_paz(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "America/La_Paz")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_one_alert():
    said = message(payload(alert("AgentSilent")), "parati")
    assert said.title == "Relevo parati: AgentSilent on mail02"
    assert said.text == "WARNING: AgentSilent on mail02 (since 2026-11-24 13:38:22)\nWhat to do: `relevo status`"
    assert said.kind == "warning"


def test_the_most_urgent_comes_first_and_what_is_over_last():
    said = message(payload(
        alert("B", status="resolved", severity="critical"), alert("C"), alert("A", severity="critical"),
        alert("N", severity="info"),
    ), "parati")
    assert said.title == "Relevo parati: 3 alerts; the first: A on mail02"
    assert [part.split(":")[0] for part in said.text.split("\n\n")] == ["CRITICAL", "WARNING", "NEWS", "OVER"]
    assert said.text.endswith("OVER: B on mail02 (2026-11-24 13:38:22 to 2026-11-24 13:41:22)")
    assert said.kind == "failure"


def test_what_is_over_is_good_news():
    said = message(payload(alert("A", status="resolved")), "parati")
    assert said.title == "Relevo parati: over: A on mail02"
    assert said.kind == "success"
    assert message(payload(alert("A", status="resolved"), alert("B", status="resolved")), "p").title == (
        "Relevo p: 2 alerts are over"
    )


def test_a_flood_is_cut_and_its_rest_is_counted():
    many = [alert(f"A{number}", description="x" * 100) for number in range(MOST_ALERTS + 3)]
    assert message(payload(*many, truncated=4), "p").text.endswith("and 7 more: `relevo status`")
    assert len(message(payload(alert("A", description="x" * 9000)), "p").text) == MOST_CHARACTERS


def test_an_alert_without_words_is_told_by_its_name():
    bare = {"status": "firing", "labels": {"alertname": "Own"}, "startsAt": "nonsense"}
    assert message(payload(bare), "p").text == "WARNING: Own (since nonsense)"


@pytest.mark.parametrize(
    "said", [{}, {"alerts": []}, {"alerts": [7]}, {"alerts": [{"status": "firing"}]}, [], "text", 7]
)
def test_nonsense_is_refused(said):
    with pytest.raises(ValueError, match="message"):
        message(said, "p")


def test_in_spanish(monkeypatch: pytest.MonkeyPatch):
    spanish = gettext.translation("relevo", Path(str(relevo.__file__)).parent / "locale", ["es"])
    monkeypatch.setattr(i18n, "_translation", spanish)
    said = message(payload(alert("A", severity="critical"), alert("B", status="resolved")), "parati")
    assert said.text.startswith("CRÍTICO: A on mail02 (desde 2026-11-24 13:38:22)")
    assert "TERMINADO: B" in said.text
