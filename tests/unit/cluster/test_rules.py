from __future__ import annotations

import pytest

from relevo.cluster.load import parse
from relevo.errors import ConfigurationError
from tests.unit.cluster.test_load import SOUND

CASES = [
    ("two mail nodes", ('roles = ["mail"]\n[nodes.s1]', 'roles = ["storage"]\n[nodes.s1]'), "give it to exactly two"),
    ("one storage node", ('roles = ["storage"]', 'roles = ["mail"]'), "give it to exactly one"),
    ("one role each", ('roles = ["storage"]', 'roles = ["storage", "mail"]'), "a machine has one role"),
    ("odd votes", ('[nodes.s1]\naddress = "10.0.0.10"\nroles = ["storage"]\n', ""), "can end in a draw"),
    ("node names", ("[nodes.a1]", '[nodes."A_1"]'), "a node's name is a host name"),
    ("reserved names", ("[nodes.a1]", "[nodes.mail]"), "a name that clients use"),
    (
        "host name",
        ('domain = "example.org"', 'domain = "example.org"\nhostname = "mail.other.org"'),
        "must end in .example.org",
    ),
    ("postmaster", ('name = "acme"', 'name = "acme"\npostmaster = "ana"'), "must be an address"),
    ("time zone", ('name = "acme"', 'name = "acme"\ntimezone = "America/Potosi"'), "is no time zone"),
    ("small subnet", ("10.0.0.0/24", "10.0.0.0/30"), "is too small"),
    ("vip outside", ("10.0.0.100", "10.0.1.100"), "is not in network.subnet"),
    ("vip is broadcast", ("10.0.0.100", "10.0.0.255"), "broadcast address"),
    ("vip is a node's", ("10.0.0.100", "10.0.0.11"), "is also nodes.a1.address"),
    *(
        (f"vip6 {address}", ('10.0.0.100"', f'10.0.0.100"\nvip6 = "{address}"'), said)
        for address, said in (
            ("fe80::1/64", "is no address for clients"),
            ("ff02::1/64", "is no address for clients"),
            ("::1/64", "is no address for clients"),
            ("::ffff:10.0.0.100/120", "is no address for clients"),
            ("fd00:100::100", "write the prefix length of the network with it, e.g. fd00:100::100/64"),
            ("fd00:100::101/127", "write the prefix length of the network"),
            ("fd00:100::/64", "is the network's own address"),
            ("10.0.0.1/24", "is not an IPv6 address with the prefix length"),
        )
    ),
    ("priorities", ("priority = 110", "priority = 100"), "another mail node has 100 too"),
    ("external", ("[nodes.a1]", '[storage]\nkind = "external"\n[nodes.a1]'), "needs what to mount"),
    ("brick", ("[nodes.a1]", '[storage]\nbrick = "srv"\n[nodes.a1]'), "is not an absolute path"),
    (
        "brick in the mount",
        ("[nodes.a1]", '[storage]\nbrick = "/srv/mail/b"\n[nodes.a1]'),
        "is where the mail store is mounted",
    ),
    ("half a pool", ("[nodes.a1]", '[dhcp]\npool_start = "10.0.0.50"\n[nodes.a1]'), "a pool has two ends"),
    (
        "pool upside down",
        ("[nodes.a1]", '[dhcp]\npool_start = "10.0.0.60"\npool_end = "10.0.0.50"\n[nodes.a1]'),
        "swap them",
    ),
    (
        "vip in the pool",
        ("[nodes.a1]", '[dhcp]\npool_start = "10.0.0.90"\npool_end = "10.0.0.110"\n[nodes.a1]'),
        "keep the platform's",
    ),
    (
        "mac twice",
        (
            "[nodes.a1]",
            "[dhcp]\n" + 'reservations = [{mac = "52:54:00:00:00:01", address = "10.0.0.20"}, '
            '{mac = "52:54:00:00:00:01", address = "10.0.0.21"}]\n[nodes.a1]',
        ),
        "is reserved twice",
    ),
    (
        "own certificates",
        ("[nodes.a1]", '[certificates]\nsource = "files"\n[nodes.a1]'),
        "needs the path of the PEM file",
    ),
    ("adverts", ("[nodes.a1]", "[failover]\nadvert_seconds = 5\npatience = 10\n[nodes.a1]"), "it can be 4.09 at most"),
    ("scores", ("[nodes.a1]", "[filter]\nspam_reject_score = 3\n[nodes.a1]"), "must be higher than spam_tag_score"),
]


@pytest.mark.parametrize(("change", "said"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_rule_says_what_to_write_instead(change: tuple[str, str], said: str):
    assert change[0] in SOUND
    with pytest.raises(ConfigurationError, match=said.replace("(", r"\(").replace("[", r"\[")):
        parse(SOUND.replace(*change), "relevo.toml")


def test_that_mail_is_being_moved_is_only_in_the_machines_own_copies():
    text = SOUND.replace("[nodes.a1]", '[storage]\nmoving_to = "nfs"\n[nodes.a1]')
    with pytest.raises(ConfigurationError, match=r"line 8: storage\.moving_to: remove this key; .* storage move nfs"):
        parse(text, "relevo.toml")
    assert parse(text, "relevo.toml", of_node=True).storage.kinds == ("glusterfs", "nfs")


def test_the_second_mount_point_is_no_place_for_a_store():
    with pytest.raises(ConfigurationError, match="choose another folder"):
        parse(SOUND.replace("[nodes.a1]", '[storage]\nbrick = "/srv/relevo/next"\n[nodes.a1]'), "relevo.toml")
