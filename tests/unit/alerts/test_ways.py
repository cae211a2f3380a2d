"""`notify.urls`: what is wrong is said by line and kind, and no address is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from relevo.alerts.own_ways import remarks, template, with_ways
from relevo.alerts.ways import parse, problems, read
from relevo.cluster.secrets import parse as parse_secrets
from relevo.cluster.secrets import to_toml
from relevo.errors import ConfigurationError

GOOD = """\
# at night

  mailto://me:hunter2hunter2@mail.example.com?smtp=smtp.example.com&to=me@example.net
tgram://123456789:AAsecretsecretsecret_secret/12315544
#ntfy://off
json://127.0.0.1:8080/hook
"""


def test_a_line_is_a_way():
    assert [(way.line, way.scheme) for way in parse(GOOD)] == [(3, "mailto"), (4, "tgram"), (6, "json")]
    assert parse(template()) == ()
    assert str(parse(GOOD)[0]) == "line 3 (mailto)"


def test_no_address_shows():
    assert "hunter2" not in f"{parse(GOOD)} {parse(GOOD)!r}"


def write(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "notify.urls"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_what_others_can_read_is_refused(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="chmod 600"):
        read(write(tmp_path, GOOD, 0o640))


def test_no_file_is_no_way(tmp_path: Path):
    assert read(tmp_path / "notify.urls") == ""


def test_every_wrong_line_is_told_and_no_secret_with_it(tmp_path: Path):
    pytest.importorskip("apprise")
    text = GOOD + "tgram://sesame-1\nsesame-2\nhttp:sesame-3\nnosuch://sesame-4/x\njson://h/'''sesame-5\nmailto://\n"
    with pytest.raises(ConfigurationError) as caught:
        read(write(tmp_path, text))
    said = str(caught.value)
    assert "sesame" not in said
    assert "hunter2" not in said
    assert [line.split(":")[0].strip() for line in said.splitlines()[1:]] == [
        "line 7 (tgram)", "line 8 (?)", "line 9 (?)", "line 10 (nosuch)", "line 11 (json)", "line 12 (mailto)",
    ]


def test_what_reaches_the_machines_keeps_its_line_numbers(tmp_path: Path, secrets):
    pytest.importorskip("apprise")
    write(tmp_path, GOOD)
    sent = parse_secrets(to_toml(with_ways(secrets, tmp_path)), "secrets").reveal("notify_urls")
    assert parse(sent) == parse(GOOD)
    assert "at night" not in sent


def test_the_secrets_file_of_the_operator_has_none(secrets):
    plain = {name: getattr(secrets, name) for name in type(secrets).model_fields if name != "notify_urls"}
    made = type(secrets)(**plain)
    assert "notify_urls" not in to_toml(made)
    assert parse_secrets(to_toml(made), "secrets") == made


def test_every_kind_of_the_documentation_is_understood():
    pytest.importorskip("apprise")
    text = (Path(__file__).parents[3] / "docs" / "how-to" / "notifications.md").read_text()
    lines = [line.strip() for line in text.splitlines() if "://" in line and line.startswith("    ")]
    examples = [line.removeprefix("# ") for line in template().splitlines() if "://" in line]
    assert len(lines) >= 4
    assert problems("\n".join(lines + examples)) == []


def test_mail_through_the_platform_itself_is_remarked(cluster, secrets):
    pytest.importorskip("apprise")
    ours = f"mailto://me:secret@example.com?smtp={cluster.hostname}&to=me@example.com\njson://{cluster.hostname}/x"
    told = list(remarks(cluster, secrets.model_copy(update={"notify_urls": type(secrets.tls_key)(ours)})))
    assert len(told) == 1
    assert "line 1 (mailto)" in told[0]
    assert "secret" not in told[0]


def test_nobody_to_tell_is_remarked(cluster, secrets):
    none = secrets.model_copy(update={"notify_urls": type(secrets.tls_key)("")})
    assert "notify.urls" in next(iter(remarks(cluster, none)))
    off = cluster.model_copy(update={"alerts": cluster.alerts.model_copy(update={"enabled": False})})
    assert list(remarks(off, none)) == []
