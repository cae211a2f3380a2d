from __future__ import annotations

from pathlib import Path

from relevo.lab.outlook import by_dns_only, command, resolv_conf


def test_names_come_from_the_platform_only() -> None:
    switch = "passwd: files systemd\nhosts: mymachines resolve [!UNAVAIL=return] files dns\n"
    assert by_dns_only(switch) == "passwd: files systemd\nhosts: files dns\n"


def test_the_c_library_takes_three_servers() -> None:
    text = resolv_conf(["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"])
    assert text.count("nameserver") == 3
    assert "timeout:1" in text


def test_the_command_is_not_seen_by_a_shell() -> None:
    built = command(123, Path("/lab/client-etc"), ["echo", "a; rm -rf /"])
    assert built[:2] == ["nsenter", "--net=/proc/123/ns/net"]
    assert built[-3:] == ["/lab/client-etc", "echo", "a; rm -rf /"]
