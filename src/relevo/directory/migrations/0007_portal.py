"""What mailbox owners set up by themselves: app passwords, and whether they may forward mail out of the house."""

from importlib import import_module

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

VIEW = "lookup_app_password"
# One row for each protocol, so that Dovecot asks for equals alone. Those that expire are the portal's: `sieve`.
OF_PROTOCOL = """
SELECT m.address AS address, '{protocol}' AS protocol, a.handle AS handle, a.hashed AS password
FROM directory_apppassword a
JOIN directory_mailbox m ON m.id = a.mailbox_id
JOIN directory_domain d ON d.id = m.domain_id
WHERE {condition} AND m.enabled = 1 AND m.removed_at IS NULL AND d.enabled = 1
"""
CONDITIONS = {
    **{protocol: f"a.{protocol} = 1 AND a.expires_at IS NULL" for protocol in ("imap", "pop3", "smtp")},
    "sieve": "a.expires_at > {now}",
}


def on_sqlite(verb: str) -> migrations.RunPython:
    """Take the older views away, or bring them back: SQLite, in tests, makes a table anew to add a column to it."""
    step = getattr(import_module("relevo.directory.migrations.0002_lookups"), verb)

    def run(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor == "sqlite":
            step(apps, schema_editor)

    return migrations.RunPython(run, migrations.RunPython.noop)


def create(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create or replace the view; SQLite, in tests, knows neither replacing nor that function."""
    is_mysql = schema_editor.connection.vendor == "mysql"
    now = "UTC_TIMESTAMP(6)" if is_mysql else "CURRENT_TIMESTAMP"
    parts = (OF_PROTOCOL.format(protocol=name, condition=text.format(now=now)) for name, text in CONDITIONS.items())
    verb = "CREATE OR REPLACE VIEW" if is_mysql else "CREATE VIEW"
    schema_editor.execute(f"{verb} {VIEW} AS {'UNION ALL'.join(parts)}")


def drop(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the view away."""
    schema_editor.execute(f"DROP VIEW IF EXISTS {VIEW}")


class Migration(migrations.Migration):
    dependencies = [("directory", "0006_waiting_imports")]

    # The new column has its default in the database itself: a node that is not up to date yet goes on writing.
    operations = [
        on_sqlite("drop"),
        migrations.AddField(
            model_name="domain", name="owners_forward_outside", field=models.BooleanField(db_default=True),
        ),
        on_sqlite("create"),
        migrations.CreateModel(
            name="AppPassword",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("handle", models.CharField(max_length=16)),
                ("hashed", models.CharField(max_length=255)),
                ("imap", models.BooleanField(default=False)),
                ("pop3", models.BooleanField(default=False)),
                ("smtp", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "mailbox",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="app_passwords",
                        to="directory.mailbox",
                    ),
                ),
            ],
            options={
                "ordering": ("created_at", "pk"),
                "constraints": [models.UniqueConstraint(fields=("mailbox", "handle"), name="app_password_once")],
            },
        ),
        migrations.RunPython(create, drop, atomic=False),
    ]
