from __future__ import annotations

from pathlib import Path

import pytest

from relevo.cluster.load import line_of, load, parse
from relevo.errors import ConfigurationError

SOUND = """\
[cluster]
name = "acme"
domain = "example.org"
[network]
subnet = "10.0.0.0/24"
vip = "10.0.0.100"
[nodes.a1]
address = "10.0.0.11"
roles = ["mail"]
priority = 110
[nodes.a2]
address = "10.0.0.12"
roles = ["mail"]
[nodes.s1]
address = "10.0.0.10"
roles = ["storage"]
"""


def mistakes(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parse(text, "relevo.toml")
    return str(caught.value)


def test_a_sound_file_is_read_and_names_follow_from_the_domain():
    cluster = parse(SOUND, "relevo.toml")
    assert cluster.hostname == "mail.example.org"
    assert cluster.cluster.postmaster == "postmaster@example.org"
    assert [node.name for node in cluster.mail_nodes] == ["a1", "a2"]
    assert cluster.storage_node.name == "s1"


def test_all_mistakes_come_at_once_with_line_path_and_advice():
    text = SOUND.replace('vip = "10.0.0.100"', 'vip = "10.0.0.300"').replace(
        'roles = ["storage"]', 'roles = ["storag"]'
    )
    said = mistakes(text + '[storge]\nkind = "nfs"\n')
    assert "3 mistakes" in said
    assert "line 6: network.vip: '10.0.0.300' is not an IPv4 address; write e.g. \"192.168.100.100\"" in said
    assert "line 16: nodes.s1.roles.0: 'storag' is none of the possible values: 'mail', 'storage'" in said
    assert "line 17: storge: unknown key; did you mean 'storage'?" in said


def test_an_unknown_key_without_a_near_one_lists_the_keys():
    said = mistakes(SOUND.replace("[nodes.a1]", "[nodes.a1]\nqqqq = 1"))
    assert "nodes.a1.qqqq: unknown key; the keys here are address, priority, roles" in said


def test_what_follows_from_a_wrong_value_is_not_a_second_mistake():
    said = mistakes(SOUND.replace("example.org", "no domain"))
    assert "1 mistake:" in said


def test_a_missing_key_is_named_in_its_table():
    said = mistakes(SOUND.replace('address = "10.0.0.12"\n', ""))
    assert 'line 11: nodes.a2.address: is missing; write e.g. "192.168.100.11"' in said


def test_what_is_not_toml_says_where():
    assert "this is not TOML" in mistakes("[cluster\n")


def test_a_missing_file_names_the_command_that_makes_one(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="relevo init"):
        load(tmp_path / "relevo.toml")


@pytest.mark.parametrize(
    ("path", "line"),
    [(("cluster", "domain"), 3), (("nodes", "a2", "address"), 12), (("nodes", "a2", "priority"), 11), (("nodes",), 0)],
)
def test_line_of_finds_the_key_or_its_table(path: tuple[str, ...], line: int):
    assert line_of(SOUND, path) == line


def test_a_second_virtual_ip_may_be_of_ipv6():
    text = SOUND.replace('vip = "10.0.0.100"', 'vip = "10.0.0.100"\nvip6 = "FD00:100:0::100/64"')
    cluster = parse(text, "relevo.toml")
    assert cluster.vip6 == "fd00:100::100"
    assert str(cluster.network.vip6) == "fd00:100::100/64"
    assert parse(SOUND, "relevo.toml").vip6 == ""
