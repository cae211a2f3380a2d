"""Views whose words compare with any client's, be it of MariaDB 10.11 or of 11.8.

The two have another collation for utf8mb4 by default. A view keeps that of the connection that made it for the words in
it (`'imap' AS protocol`), and such a word and one in a query (`protocol = 'imap'`) are of the same weight: while the
machines are brought from one release to the next, that was an "illegal mix of collations". Of a binary collation and
another one of the same character set, MariaDB takes the binary, as all our columns have it.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_VIEWS = "SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = DATABASE()"
_NAMES = "SET NAMES utf8mb4 COLLATE {collation}"


def make_anew(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make each view anew, as it is, with a binary collation for its words; SQLite, in tests, has one for all."""
    if schema_editor.connection.vendor != "mysql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT @@collation_connection")
        (usual,) = cursor.fetchone()
        cursor.execute(_VIEWS)
        views = cursor.fetchall()
        cursor.execute(_NAMES.format(collation="utf8mb4_bin"))
        try:
            for name, definition in views:
                cursor.execute(f"CREATE OR REPLACE VIEW `{name}` AS {definition}")
        finally:
            cursor.execute(_NAMES.format(collation=usual))


class Migration(migrations.Migration):
    dependencies = [("directory", "0016_mailbox_room")]

    operations = [migrations.RunPython(make_anew, migrations.RunPython.noop)]
