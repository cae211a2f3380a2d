"""Monitoring and alerts: what is rendered, and what the agent asks."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from relevo.agent import metrics
from relevo.agent.probe import Deadline, ProbeFailed
from relevo.cluster.model import Cluster
from relevo.services.base import Context
from relevo.services.prometheus import health, settings
from relevo.services.prometheus.alerts import alerts
from relevo.services.prometheus.render import render
from tests.unit.services.golden import check_golden

DOCUMENT = Path(__file__).parents[3] / "docs" / "how-to" / "notifications.md"


def other(cluster: Cluster, section: str, **changes: object) -> Cluster:
    return cluster.model_copy(update={section: getattr(cluster, section).model_copy(update=changes)})


def with_cluster(ctx: Context, cluster: Cluster) -> Context:
    return Context(cluster, ctx.secrets, ctx.node, ctx.facts)


def test_files(context):
    for node in ("storage01", "mail01"):
        check_golden("prometheus", context(node))


def test_addresses_of_people_are_private_and_in_one_file(context):
    for file in (*render(context("storage01")), *render(context("mail01"))):
        assert ("secret-notify-urls" in file.data.decode()) == file.secret == (file.mode == 0o600)


def test_switched_off_nothing_is_rendered_or_installed_or_asked(context, cluster):
    off = with_cluster(context("storage01"), other(cluster, "alerts", enabled=False))
    assert render(off) == ()
    assert settings.packages(off) == ()
    assert health.probes({"alerts": "no", "roles": "storage"}) == ()


def test_on_a_mail_node_there_is_only_who_watches_the_storage_machine(context):
    files = render(context("mail01"))
    assert [file.path for file in files] == ["/etc/systemd/system/relevo-watch.service", "/etc/relevo/notify.urls"]
    assert settings.packages(context("mail01")) == ()
    assert health.probes({"alerts": "yes", "roles": "mail"}) == ()


def test_nothing_listens_beyond_loopback(context):
    files = {file.path: file.data.decode() for file in render(context("storage01"))}
    assert "--web.listen-address=127.0.0.1:9090 " in files["/etc/default/prometheus"]
    alertmanager = files["/etc/default/prometheus-alertmanager"]
    assert '--web.listen-address=127.0.0.1:9093 --cluster.listen-address="' in alertmanager
    text = "\n".join(files.values())
    assert set(re.findall(r"\d+\.\d+\.\d+\.\d+(?=:\d)", text)) == {"127.0.0.1"}


def test_the_texts_are_in_the_language_of_the_platform(context, cluster):
    def rules(language: str) -> str:
        ctx = with_cluster(context("storage01"), other(cluster, "cluster", language=language))
        return next(file.data.decode() for file in render(ctx) if file.path == settings.RULES)

    assert '"{{ $labels.node }} says nothing"' in rules("en")
    assert '"{{ $labels.node }} no dice nada"' in rules("es")
    summaries = [line for line in rules("es").splitlines() if "summary:" in line]
    english = [line for line in rules("en").splitlines() if "summary:" in line]
    assert not set(summaries) & set(english)


def test_every_alert_uses_figures_that_there_are(cluster):
    known = set(metrics._HELP)  # noqa: SLF001 - the list of what is told
    for alert in alerts(cluster):
        assert set(re.findall(r"relevo_[a-z_]+", alert.expression)) <= known


def test_every_alert_is_documented(cluster):
    text = DOCUMENT.read_text()
    assert {alert.name for alert in alerts(cluster)} == set(re.findall(r"(?m)^\| `([A-Z]\w+)`", text))


def test_every_alert_says_what_to_do(cluster):
    for alert in alerts(cluster):
        assert "`" in alert.description or "relevo.toml" in alert.description, alert.name


def test_old_signatures_are_no_news_where_there_is_no_internet(cluster):
    def ailing(signatures: str) -> str:
        found = alerts(other(cluster, "filter", signatures=signatures))
        return next(alert.expression for alert in found if alert.name == "ServiceAiling")

    assert "clamav/signatures" in ailing("offline")
    assert "clamav/signatures" not in ailing("online")


def test_the_expiring_certificate_names_the_way_to_a_new_one(cluster):
    def text(source: str) -> str:
        return alerts(other(cluster, "certificates", source=source))[-1].description

    assert "tls_certificate" in text("internal")
    assert "tls_certificate" not in text("files")


class Answer(BaseHTTPRequestHandler):
    code, text = 200, "2 ways"

    def do_GET(self):
        self.send_response(self.code)
        self.end_headers()
        self.wfile.write(self.text.encode())

    def log_message(self, *_):
        pass


@contextmanager
def answering(code: int, text: str) -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), type("Answer", (Answer,), {"code": code, "text": text}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def ask(port: int, name: str) -> str:
    ports = dict.fromkeys(("prometheus_port", "alertmanager_port", "metrics_port", "notify_port"), str(port))
    probes = {probe.name: probe for probe in health.probes({"alerts": "yes", "roles": "storage", **ports})}
    assert not any(probe.vital for probe in probes.values())
    return probes[name].check(Deadline(5))


def test_what_answers_is_well():
    with answering(200, "2 ways") as port:
        assert ask(port, "prometheus") == "answers"
        assert ask(port, "ways") == "2 ways"
    with answering(404, "only /metrics is here") as port:
        assert ask(port, "metrics") == "answers"


def test_a_way_that_fails_is_told_in_its_words():
    said = "line 4 (mailto): no connection\n"
    with answering(503, said) as port, pytest.raises(ProbeFailed, match=r"line 4 \(mailto"):
        ask(port, "ways")
    with answering(500, "") as port, pytest.raises(ProbeFailed, match="500"):
        ask(port, "prometheus")


def test_the_agent_knows_the_ports(context):
    from relevo.services.agent.render import render as agent  # noqa: PLC0415 - of another service

    config = json.loads(agent(context("storage01"))[0].data)
    names = {probe.name for probe in health.probes(config)}
    assert names == {"prometheus", "alertmanager", "metrics", "notify", "ways"}
