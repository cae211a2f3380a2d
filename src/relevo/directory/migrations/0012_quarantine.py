"""The quarantine: what became of its copies, and what is said of senders."""

from typing import Any

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))
VIEW = "lookup_sender_rule"
# A mailbox's rules also count at the addresses that lead to it alone, a domain's in its alias domains.
QUERY = """
SELECT r.recipient AS recipient, r.sender AS sender, r.verdict AS verdict
FROM directory_senderrule r
UNION ALL
SELECT x.address, r.sender, r.verdict
FROM directory_senderrule r JOIN directory_mirroredaddress x ON x.target = r.recipient
UNION ALL
SELECT a.address, r.sender, r.verdict
FROM directory_senderrule r
JOIN directory_aliastarget t ON t.target = r.recipient
JOIN directory_alias a ON a.id = t.alias_id
WHERE NOT EXISTS (SELECT 1 FROM directory_aliastarget o WHERE o.alias_id = a.id AND o.id <> t.id)
UNION ALL
SELECT x.address, r.sender, r.verdict
FROM directory_senderrule r
JOIN directory_aliastarget t ON t.target = r.recipient
JOIN directory_alias a ON a.id = t.alias_id
JOIN directory_mirroredaddress x ON x.target = a.address
WHERE NOT EXISTS (SELECT 1 FROM directory_aliastarget o WHERE o.alias_id = a.id AND o.id <> t.id)
UNION ALL
SELECT p.at_name, r.sender, r.verdict
FROM directory_senderrule r
JOIN directory_domain d ON d.at_name = r.recipient
JOIN directory_domain p ON p.alias_of_id = d.id
"""


def create(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create or replace the view; SQLite, in tests, knows no replacing."""
    verb = "CREATE OR REPLACE VIEW" if schema_editor.connection.vendor == "mysql" else "CREATE VIEW"
    schema_editor.execute(f"{verb} {VIEW} AS {QUERY}")


def drop(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the view away."""
    schema_editor.execute(f"DROP VIEW IF EXISTS {VIEW}")


def _whose(model: str) -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(
        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="sender_rules",
        to=f"directory.{model}",
    )


class Migration(migrations.Migration):
    dependencies = [("directory", "0008_owner_factors")]

    operations = [
        migrations.CreateModel(
            name="SenderRule",
            fields=[
                ID,
                ("recipient", models.CharField(blank=True, default="", max_length=254)),
                ("sender", models.CharField(db_index=True, max_length=254)),
                ("verdict", models.CharField(choices=[("allow", "allowed"), ("block", "blocked")], max_length=5)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("domain", _whose("domain")),
                ("mailbox", _whose("mailbox")),
            ],
            options={
                "verbose_name": "sender rule", "verbose_name_plural": "sender rules",
                "ordering": ("recipient", "sender"),
                "constraints": [models.UniqueConstraint(fields=("recipient", "sender"), name="sender_rule_once")],
            },
        ),
        migrations.CreateModel(
            name="QuarantineMark",
            fields=[
                ID,
                ("copy", models.CharField(max_length=32)),
                ("recipient", models.CharField(max_length=320)),
                ("what", models.CharField(max_length=8)),
                ("begun_at", models.DateTimeField(auto_now_add=True, db_index=True)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("copy", "recipient"), name="quarantine_mark_once")],
            },
        ),
        migrations.RunPython(create, drop, atomic=False),
    ]
