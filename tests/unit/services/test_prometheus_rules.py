"""The alert rules as Prometheus itself understands them: each is raised by what it is for, and by nothing else.

promtool and amtool come with the packages `prometheus` and `prometheus-alertmanager`, which the image of the lab's
machines has, too; where there is neither, this is left out.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relevo.cluster.model import Cluster
from relevo.lab.image import CACHE
from relevo.services.base import Context
from relevo.services.prometheus import settings
from relevo.services.prometheus.alerts import alerts
from relevo.services.prometheus.render import render

MAIL, ALL = ("mail01", "mail02"), ("mail01", "mail02", "storage01")
LASTING = "x100"  # at every 10 s: over a quarter of an hour, as long as none waits

def tool(name: str) -> str:
    """Return the path of a program on this machine or in the image of the lab's machines, "" without one."""
    return shutil.which(name) or next((str(path) for path in sorted(CACHE.glob(f"*/usr/bin/{name}"))), "")


pytestmark = pytest.mark.skipif(not tool("promtool"), reason="promtool is not installed")
Series = dict[str, str]
Expected = dict[str, list[tuple[dict[str, str], str]]]  # alert -> of each its labels and its summary


def well() -> Series:
    """Return the figures of a platform on which nothing is wrong."""
    found = {f'up{{job="relevo", instance="127.0.0.1:9120"}}': 1.0}  # noqa: F541 - braces as in the others
    for node in ALL:
        found |= {
            f'relevo_up{{node="{node}"}}': 1, f'relevo_clock_offset_seconds{{node="{node}"}}': 0.01,
            f'relevo_probe_good{{node="{node}", service="glusterfs", probe="glusterfs/copies", vital="no"}}': 1,
            f'relevo_probe_good{{node="{node}", service="host", probe="host/disk", vital="yes"}}': 1,
            f'relevo_files_behind{{node="{node}"}}': 3, f'relevo_certificate_days{{node="{node}"}}': 90,
            f'relevo_disk_free_ratio{{node="{node}", of="/"}}': 0.5,
            f'relevo_inodes_free_ratio{{node="{node}", of="/"}}': 0.5,
        }
    for node, holds in zip(MAIL, (1, 0), strict=True):
        found |= {
            f'relevo_holder{{node="{node}"}}': holds, f'relevo_gate_open{{node="{node}"}}': holds,
            f'relevo_weight{{node="{node}"}}': 150, f'relevo_drained{{node="{node}"}}': 0,
            f'relevo_keepalived{{node="{node}"}}': 1, f'relevo_took_day{{node="{node}"}}': 2,
            f'relevo_took_seconds{{node="{node}"}}': 5000,
            f'relevo_queue_messages{{node="{node}", of="{node}"}}': 20,
        }
    return {name: f"{value}{LASTING}" for name, value in found.items()}


def given(**changes: float | str) -> Series:
    """Return them with other values: `holder_mail01=0`, or `disk_free_ratio_mail02=...`; a text is promtool's own."""
    found = well()
    for key, value in changes.items():
        name, node = key.rsplit("_", 1)
        keys = [series for series in found if series.startswith(f"relevo_{name}{{") and f'node="{node}"' in series]
        assert keys, key
        found[keys[-1]] = value if isinstance(value, str) else f"{value}{LASTING}"
    return found


def without(found: Series, *nodes: str, up: bool = False) -> Series:
    """Leave out what a silent machine does not say."""
    kept = {name: values for name, values in found.items() if not any(f'node="{node}"' in name for node in nodes)}
    return kept | {f'relevo_up{{node="{node}"}}': f"{int(up)}{LASTING}" for node in nodes}


def node(name: str, **labels: str) -> dict[str, str]:
    return {"node": name, **labels}


CUT = 'relevo_cut_off{node="mail02", by="storage01"}'
PROBE = {"service": "host", "probe": "host/disk", "vital": "yes"}
SCENARIOS: dict[str, tuple[Series, Expected]] = {
    "all is well": (well(), {}),
    "nobody serves": (given(holder_mail01=0, gate_open_mail01=0), {"NobodyServes": [({}, "")]}),
    "two serve": (given(holder_mail02=1, gate_open_mail02=1), {"TwoHolders": [({}, "")]}),
    "the gate stays closed": (
        given(gate_open_mail01=0),
        {"GateClosed": [(node("mail01"), "mail01 takes mail, but nobody can read or get it")]},
    ),
    "the standby is drained": (given(drained_mail02=1), {"NoStandby": [({}, "")]}),
    "the standby is ill": (given(weight_mail02=-254), {"NoStandby": [({}, "")]}),
    "the standby's keepalived is stopped": (given(keepalived_mail02=0), {"NoStandby": [({}, "")]}),
    "the standby is dead": (
        without(well(), "mail02"),
        {"NoStandby": [({}, "")], "AgentSilent": [(node("mail02"), "mail02 says nothing")]},
    ),
    "no mail node is heard": (without(well(), *MAIL), {
        "NobodyHeard": [({}, "")], "AgentSilent": [(node(name), f"{name} says nothing") for name in MAIL],
    }),
    "the agent of the storage machine is dead": (
        {'up{job="relevo", instance="127.0.0.1:9120"}': f"0{LASTING}"},
        {"FiguresMissing": [({"job": "relevo", "instance": "127.0.0.1:9120"}, "")]},
    ),
    "nothing at all is scraped": ({}, {"FiguresMissing": [({"job": "relevo"}, "")]}),
    "who is on is still cut off": (
        {**well(), CUT: f"1{LASTING}"},
        {"CutOff": [(node("mail02"), "mail02 is on, and is still cut off from the mail store")]},
    ),
    "a dead one is cut off": (
        {**without(well(), "mail02"), CUT: f"1{LASTING}"},
        {"NoStandby": [({}, "")], "AgentSilent": [(node("mail02"), "mail02 says nothing")]},
    ),
    "a vital probe fails": (
        given(probe_good_mail02=0), {"ServiceFailing": [(node("mail02", **PROBE), "host/disk fails on mail02")]},
    ),
    "a clock is wrong": (
        given(clock_offset_seconds_mail02=-7.5),
        {"ClockOff": [(node("mail02"), "The clock of mail02 is wrong by 7.5s")]},
    ),
    "the virtual IP has just moved": (
        given(took_seconds_mail01=60), {"FailedOver": [(node("mail01"), "The virtual IP has moved to mail01")]},
    ),
    "who had it before is none of it": (given(took_seconds_mail02=60), {}),
    "it moves again and again": (
        given(took_day_mail01=3), {"FlappingFailovers": [({}, "The virtual IP has moved 5 times within a day")]},
    ),
    "the queue is long": (
        given(queue_messages_mail01=501),
        {"QueueLong": [({"of": "mail01"}, "501 messages wait in the queue of mail01")]},
    ),
    "a disk fills": (given(disk_free_ratio_mail02=0.1), {
        "DiskFilling": [(node("mail02", of="/"), "/ on mail02 fills up: 10% free")],
    }),
    "a disk is full": (given(disk_free_ratio_mail02=0.01), {
        "DiskFull": [(node("mail02", of="/"), "/ on mail02 is almost full: 1% free")],
    }),
    "inodes run out": (given(inodes_free_ratio_storage01=0.05), {
        "InodesFilling": [(node("storage01", of="/"), "/ on storage01 runs out of inodes: 5% free")],
    }),
    "files stay behind": (
        {**well(), 'relevo_probe_good{node="mail01", service="glusterfs", probe="glusterfs/copies", vital="no"}':
            f"0{LASTING}"},
        {"FilesUnhealed": [({}, "3 files of the mail store have not got their copies back")]},
    ),
    "the daily lists fail": (
        {**well(), 'relevo_probe_good{node="mail01", service="quarantine", probe="quarantine/digest", vital="no"}':
            f"0{LASTING}"},
        {"DigestFailing": [(
            node("mail01", service="quarantine", probe="quarantine/digest", vital="no"),
            "Owners don't get the daily list of what was refused for them",
        )]},
    ),
    "old signatures": (
        {**well(), 'relevo_probe_good{node="mail01", service="clamav", probe="clamav/signatures", vital="no"}':
            f"0{LASTING}"},
        {"ServiceAiling": [(
            node("mail01", service="clamav", probe="clamav/signatures", vital="no"),
            "clamav/signatures on mail01 wants attention",
        )]},
    ),
    "the certificate ends within 21 days": (given(certificate_days_mail01=20.5), {
        "CertificateExpiring": [({"severity": "warning"}, "The certificate of the platform ends in 20.5 days")],
    }),
    "the certificate ends within 7 days": (given(certificate_days_mail01=6.5), {
        "CertificateExpiring": [({"severity": "critical"}, "The certificate of the platform ends in 6.5 days")],
    }),
    "a service that has just begun to fail is none yet": (given(probe_good_mail02=f"1x86 0{LASTING}"), {}),
    "a moment without a holder is none yet": (given(holder_mail01=f"1x88 0{LASTING}"), {}),
}


@pytest.fixture
def english(context, cluster: Cluster) -> Context:
    ctx = context("storage01")
    told = cluster.model_copy(update={"cluster": cluster.cluster.model_copy(update={"language": "en"})})
    return Context(told, ctx.secrets, ctx.node, ctx.facts)


@pytest.fixture
def rules(english: Context, tmp_path: Path) -> Path:
    text = next(file.data for file in render(english) if file.path == settings.RULES)
    path = tmp_path / "relevo.rules.yml"
    path.write_bytes(text)
    return path


def promtool(*words: str | Path) -> str:
    done = subprocess.run([tool("promtool"), *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("language", ["es", "en"])
def test_promtool_accepts_the_rules(context, cluster, tmp_path: Path, language: str):
    ctx = context("storage01")
    told = cluster.model_copy(update={"cluster": cluster.cluster.model_copy(update={"language": language})})
    files = render(Context(told, ctx.secrets, ctx.node, ctx.facts))
    text = next(file.data for file in files if file.path == settings.RULES)
    (tmp_path / "rules.yml").write_bytes(text)
    assert f"{len(alerts(cluster))} rules found" in promtool("check", "rules", "--lint-fatal", tmp_path / "rules.yml")


def test_prometheus_accepts_its_file(english: Context, rules: Path):
    files = {file.path: file.data.decode() for file in render(english)}
    (rules.parent / "prometheus.yml").write_text(files[settings.CONFIG].replace(settings.RULES, rules.name))
    assert "is valid prometheus config file" in promtool("check", "config", rules.parent / "prometheus.yml")


@pytest.mark.skipif(not tool("amtool"), reason="amtool is not installed")
def test_alertmanager_accepts_its_file_and_routes_as_meant(english: Context, tmp_path: Path):
    path = tmp_path / "alertmanager.yml"
    path.write_bytes(next(file.data for file in render(english) if file.path == settings.ALERTMANAGER_CONFIG))
    run: Callable[..., str] = lambda *words: subprocess.run(  # noqa: E731
        [tool("amtool"), *words], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    assert "SUCCESS" in run("check-config", str(path))
    for severity, receiver in (("critical", "people"), ("warning", "people"), ("info", "news")):
        assert run("config", "routes", "test", f"--config.file={path}", f"severity={severity}").strip() == receiver


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_is_wrong_raises_its_alert_and_no_other(scenario: str, rules: Path, cluster: Cluster):
    series, expected = SCENARIOS[scenario]
    known = {alert.name: alert for alert in alerts(cluster)}
    checks = [
        {"eval_time": "15m", "alertname": name, "exp_alerts": [
            _told(cluster, name, labels, summary) for labels, summary in expected.get(name, [])
        ]}
        for name in known
    ]
    test = {
        "rule_files": [rules.name], "evaluation_interval": "10s",
        "tests": [{
            "interval": "10s", "alert_rule_test": checks,
            "input_series": [{"series": name, "values": values} for name, values in series.items()],
        }],
    }
    (rules.parent / "test.yml").write_text(json.dumps(test))
    promtool("test", "rules", rules.parent / "test.yml")


def _told(cluster: Cluster, name: str, labels: dict[str, str], summary: str) -> dict[str, Any]:
    severities = [alert.severity for alert in alerts(cluster) if alert.name == name]
    severity = labels.get("severity", severities[0])
    alert = next(one for one in alerts(cluster) if (one.name, one.severity) == (name, severity))
    notes = {"summary": summary or alert.summary, "description": alert.description}
    return {"exp_labels": {"severity": severity, **labels}, "exp_annotations": notes}
