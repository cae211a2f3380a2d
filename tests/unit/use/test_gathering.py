from __future__ import annotations

from relevo.use.gathering import Device, Gathering, network
from relevo.use.lines import Changed, Login, Named

SECOND = 1_000_000
ANA = "ana@example.org"


def login(at: int, client: str = "203.0.113.6", session: str = "", *, protocol: str = "pop3", app: int = 0) -> Login:
    return Login(at * SECOND, ANA, protocol, client, app, session)


def gathering(most: int = 50) -> Gathering:
    return Gathering({"relevo-probe-mail01@example.org"}, most)


def test_a_mailbox_is_one_entry_however_often_it_is_used():
    work = gathering()
    for at in range(10, 1000):
        work.take(login(at, f"203.0.113.{at % 200}"))
    found = work.hand_over(2000 * SECOND)
    box = found.boxes[ANA]
    assert (box.at, box.client, box.changed) == (999 * SECOND, "203.0.113.199", False)
    ((device, seen),) = found.devices.items()
    assert device == Device(ANA, "pop3", 0, "", "203.0.113.0/24")
    assert (seen.first, seen.last, seen.client) == (10 * SECOND, 999 * SECOND, "203.0.113.199")
    assert not work


def test_what_comes_late_is_no_last_login():
    work = gathering()
    work.take(login(50, "198.51.100.1"))
    work.take(login(20, "192.0.2.1"))
    assert work.hand_over(100 * SECOND).boxes[ANA].client == "198.51.100.1"


def test_what_has_changed_is_no_login():
    work = gathering()
    work.take(Changed(ANA))
    box = work.hand_over(0).boxes[ANA]
    assert (box.at, box.changed) == (0, True)


def test_a_device_is_told_apart_by_program_password_protocol_and_network():
    work = gathering()
    for one in (
        login(1), login(2, app=7), login(3, protocol="smtp"), login(4, "198.51.100.1"), login(5, "2001:db8:1::1"),
        login(6, "2001:db8:1:ffff::9"), login(7, "203.0.113.9"),
    ):
        work.take(one)
    devices = work.hand_over(100 * SECOND).devices
    assert len(devices) == 5
    assert len({device.key for device in devices}) == 5


def test_a_program_names_itself_before_or_after_its_login():
    work = gathering()
    work.take(Named("a", "First 1"))
    work.take(login(1, session="a", protocol="imap"))
    work.take(login(2, session="b", protocol="imap"))
    work.take(Named("b", "Second 2"))
    work.take(login(3, session="c", protocol="imap"))
    programs = [device.program for device in work.hand_over(30 * SECOND).devices]
    assert programs == ["First 1", "Second 2", ""]


def test_a_login_that_may_still_be_named_waits_for_the_next_turn_its_mailbox_does_not():
    work = gathering()
    work.take(login(100, session="a", protocol="imap"))
    first = work.hand_over(101 * SECOND)
    assert (list(first.boxes), list(first.devices)) == ([ANA], [])
    work.take(Named("a", "Mail"))
    assert [device.program for device in work.hand_over(102 * SECOND).devices] == ["Mail"]


def test_the_platforms_own_mailboxes_are_nobodys():
    work = gathering()
    work.take(login(1)._replace(address="relevo-probe-mail01@example.org"))
    assert not work.hand_over(100 * SECOND)


def test_devices_of_one_mailbox_and_names_without_a_login_are_bounded():
    work = gathering(most=3)
    for number in range(30_000):
        work.take(Named(str(number), "x"))
        work.take(login(1, f"10.{number // 256}.{number % 256}.1"))
    assert len(work._names) == 10_000  # noqa: SLF001 - memory is what it is about
    found = work.hand_over(100 * SECOND)
    assert (len(found.devices), len(found.boxes)) == (3, 1)


def test_networks():
    assert network("::ffff:203.0.113.6") == "::/48"  # Dovecot writes IPv4 plainly
    assert network("2001:db8:1:2::3") == "2001:db8:1::/48"
    assert not network("nobody knows")
