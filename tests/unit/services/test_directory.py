from __future__ import annotations

from relevo.cluster import wires
from relevo.services.directory.rights import parse, statements
from relevo.services.directory.settings import RIGHTS, Right

SHOW_GRANTS = [  # as MariaDB 11.8 says it
    "GRANT USAGE ON *.* TO `postfix`@`localhost` IDENTIFIED BY PASSWORD '*D380'",
    "GRANT SELECT ON `relevo`.`lookup_alias` TO `postfix`@`localhost`",
    "GRANT SELECT ON `relevo`.`lookup_domain` TO `postfix`@`localhost`",
    "GRANT SELECT ON `relevo`.`lookup_sender` TO `postfix`@`localhost`",
    "GRANT SELECT ON `relevo`.`lookup_list_poster` TO `postfix`@`localhost`",
    "GRANT SELECT (`quota_mb`, `address`) ON `relevo`.`lookup_mailbox` TO `postfix`@`localhost`",
]


def test_the_rights_are_read_as_they_were_given():
    assert parse(SHOW_GRANTS) == RIGHTS[wires.DATABASE_POSTFIX]


def test_rights_of_several_kinds_in_one_line_are_read():
    line = "GRANT SELECT, UPDATE (`address`, `password`) ON `relevo`.`lookup_password` TO `roundcube`@`localhost`"
    assert parse([line, "GRANT ALL PRIVILEGES ON `roundcube`.* TO `roundcube`@`localhost`"]) == {
        Right("SELECT", "lookup_password"),
        Right("UPDATE", "lookup_password", "address"),
        Right("UPDATE", "lookup_password", "password"),
    }


def test_what_is_too_much_is_revoked_and_what_lacks_is_granted():
    have = frozenset({Right("SELECT", "lookup_password"), Right("INSERT", "lookup_password")})
    assert statements("roundcube", RIGHTS[wires.DATABASE_ROUNDCUBE], have) == [
        "REVOKE INSERT ON relevo.lookup_password FROM 'roundcube'@'localhost'",
        "GRANT UPDATE (password) ON relevo.lookup_password TO 'roundcube'@'localhost'",
    ]


def test_postfix_sees_no_password_and_of_the_daemons_only_the_webmail_writes():
    assert not {right for right in RIGHTS[wires.DATABASE_POSTFIX] if right.column == "password"}
    every = {
        (account, *right) for account, rights in RIGHTS.items() for right in rights
        if account not in {wires.DATABASE_WEB, wires.DATABASE_USE}  # which test_use.py looks at
    }
    writing = {entry for entry in every if entry[1] != "SELECT"}
    assert writing == {(wires.DATABASE_ROUNDCUBE, "UPDATE", wires.VIEW_PASSWORDS, "password")}


def test_the_web_adds_to_the_audit_log_and_never_changes_it():
    rights = RIGHTS[wires.DATABASE_WEB]
    assert {right.privilege for right in rights if right.view == "directory_auditentry"} == {"SELECT", "INSERT"}
    assert {right.privilege for right in rights} == {"SELECT", "INSERT", "UPDATE", "DELETE"}
    line = "GRANT SELECT, INSERT ON `relevo`.`directory_auditentry` TO `web`@`localhost`"
    assert parse([line]) <= rights
