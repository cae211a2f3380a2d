"""How mailboxes are used, and what a domain may give: more limits, and a view that says which app password it was."""

from importlib import import_module

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_portal = import_module("relevo.directory.migrations.0007_portal")
VIEW = _portal.VIEW
OF_PROTOCOL = _portal.OF_PROTOCOL.replace("a.hashed AS password", "a.hashed AS password, a.id AS number")
_put_away: list[str] = []


def take_away(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take all views away on SQLite, in tests, which makes a table anew to add a column to it."""
    if schema_editor.connection.vendor != "sqlite":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'")
        views = dict(cursor.fetchall())
    _put_away[:] = views.values()
    for name in views:
        schema_editor.execute(f"DROP VIEW {name}")


def bring_back(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make those views again."""
    for statement in _put_away:
        schema_editor.execute(statement)
    _put_away.clear()


def create(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the view of app passwords with their numbers; a node that is not up to date yet asks for less of it."""
    is_mysql = schema_editor.connection.vendor == "mysql"
    now = "UTC_TIMESTAMP(6)" if is_mysql else "CURRENT_TIMESTAMP"
    parts = [
        OF_PROTOCOL.format(protocol=name, condition=text.format(now=now)) for name, text in _portal.CONDITIONS.items()
    ]
    if not is_mysql:
        schema_editor.execute(f"DROP VIEW IF EXISTS {VIEW}")
    verb = "CREATE OR REPLACE VIEW" if is_mysql else "CREATE VIEW"
    schema_editor.execute(f"{verb} {VIEW} AS {'UNION ALL'.join(parts)}")


def _limit(name: str) -> migrations.AddField:
    return migrations.AddField("domain", name, models.PositiveIntegerField(default=0, db_default=0))


class Migration(migrations.Migration):
    dependencies = [("directory", "0010_quarantine")]

    # New columns have their defaults in the database itself: a node that is not up to date yet goes on writing.
    operations = [
        migrations.RunPython(take_away, bring_back, atomic=False),
        _limit("alias_limit"),
        _limit("list_limit"),
        _limit("quota_limit_mb"),
        migrations.RunPython(bring_back, take_away, atomic=False),
        migrations.CreateModel(
            name="MailboxUse",
            fields=[
                (
                    "mailbox",
                    models.OneToOneField(
                        db_column="address", db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True, related_name="use", serialize=False, to="directory.mailbox",
                        to_field="address",
                    ),
                ),
                ("last_login_at", models.DateTimeField(null=True)),
                ("protocol", models.CharField(db_default="", max_length=8)),
                ("client", models.CharField(db_default="", max_length=45)),
                ("quota_used", models.PositiveBigIntegerField(null=True)),
                ("quota_at", models.DateTimeField(null=True)),
                ("due", models.BooleanField(db_default=True)),
            ],
            options={"indexes": [models.Index(fields=["due", "quota_at"], name="mailbox_use_due")]},
        ),
        migrations.CreateModel(
            name="DeviceUse",
            fields=[
                ("key", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("address", models.CharField(db_index=True, max_length=254)),
                ("protocol", models.CharField(max_length=8)),
                ("app", models.BigIntegerField(null=True)),
                ("program", models.CharField(db_default="", max_length=60)),
                ("client", models.CharField(db_default="", max_length=45)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField(db_index=True)),
            ],
            options={"ordering": ("-last_at", "key")},
        ),
        migrations.CreateModel(
            name="UseReading",
            fields=[
                ("node", models.CharField(max_length=63, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RunPython(create, migrations.RunPython.noop, atomic=False),
    ]
