from __future__ import annotations

import pymysql
import pytest

from relevo.directory.backend.base import stands_already


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (1050, "Table 'directory_domain' already exists", True),
        (1060, "Duplicate column name 'enabled'", True),
        (1061, "Duplicate key name 'x'", True),
        (1091, "Can't DROP COLUMN `x`; check that it exists", True),
        (1005, 'Can\'t create table `relevo`.`t` (errno: 121 "Duplicate key on write or update")', True),
        (1005, 'Can\'t create table `relevo`.`t` (errno: 150 "Foreign key constraint is incorrectly formed")', False),
        (1142, "CREATE command denied", False),
        (2006, "Server has gone away", False),
    ],
)
def test_only_what_an_interrupted_migration_left_is_passed_over(code, text, expected):
    assert stands_already(pymysql.err.OperationalError(code, text)) is expected


def test_an_error_without_a_code_is_an_error():
    assert not stands_already(ValueError())
