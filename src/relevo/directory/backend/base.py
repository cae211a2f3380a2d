"""Django's MySQL backend over PyMySQL, with migrations that can be interrupted and run again.

MariaDB has no transaction around DDL: a migration that dies half-way leaves some of its tables behind without being
noted as done. Each statement is atomic by itself, so the next run goes through all of them and passes over those whose
result stands already.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pymysql

pymysql.install_as_MySQLdb()  # mysqlclient is a C extension without wheels; must come before Django's backend

from django.db import DatabaseError  # noqa: E402
from django.db.backends.ddl_references import Statement  # noqa: E402
from django.db.backends.mysql import base  # noqa: E402
from django.db.backends.mysql.schema import DatabaseSchemaEditor  # noqa: E402
from pymysql.constants import ER  # noqa: E402

_DUPLICATE_FOREIGN_KEY_NAME = 1826
STANDS_ALREADY = frozenset(
    {
        ER.TABLE_EXISTS_ERROR, ER.BAD_TABLE_ERROR,  # create, drop a table
        ER.DUP_FIELDNAME, ER.DUP_KEYNAME, ER.CANT_DROP_FIELD_OR_KEY,  # add a column or an index, drop one
        _DUPLICATE_FOREIGN_KEY_NAME,
    }
)
_CANT_CREATE_TABLE = 1005  # with "errno: 121" InnoDB's way to say that a foreign key has this name already


def stands_already(error: Exception) -> bool:
    """Tell whether a failed DDL statement failed because its result is there."""
    code, text = (*error.args, "", "")[:2]
    return code in STANDS_ALREADY or (code == _CANT_CREATE_TABLE and "errno: 121" in str(text))


class ResumingSchemaEditor(DatabaseSchemaEditor):
    """Pass over what an interrupted run has done."""

    def execute(self, sql: Statement | str, params: Sequence[Any] | None = ()) -> None:
        """Execute one DDL statement; one whose result stands already counts as done."""
        try:
            super().execute(sql, params)
        except DatabaseError as error:
            if not stands_already(error):
                raise


class DatabaseWrapper(base.DatabaseWrapper):
    """The backend's entry point for Django."""

    SchemaEditorClass = cast("Any", ResumingSchemaEditor)
