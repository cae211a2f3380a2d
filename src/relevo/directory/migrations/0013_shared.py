"""Shared mailboxes: which ones they are, who may do what with them, and who may send as them."""

from importlib import import_module
from typing import Any

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_SENDERS_BEFORE: str = import_module("relevo.directory.migrations.0002_lookups").LOOKUP_SENDER

LOOKUP_SHARED = """
SELECT b.address AS mailbox, m.address AS member, s.level AS level
FROM directory_sharedmember s
JOIN directory_mailbox b ON b.id = s.mailbox_id
JOIN directory_domain d ON d.id = b.domain_id
JOIN directory_mailbox m ON m.id = s.member_id
JOIN directory_domain o ON o.id = m.domain_id
WHERE b.enabled = 1 AND b.removed_at IS NULL AND d.enabled = 1
  AND m.enabled = 1 AND m.removed_at IS NULL AND o.enabled = 1
"""
# Who may send as a shared mailbox may do so as each address that leads to it, as owners of mailboxes may.
_MEMBERS = """
JOIN directory_sharedmember s ON s.mailbox_id = b.id
JOIN directory_mailbox m ON m.id = s.member_id
"""
_WELL = "s.may_send = 1 AND b.enabled = 1 AND b.removed_at IS NULL AND m.enabled = 1 AND m.removed_at IS NULL"
LOOKUP_SENDER = f"""{_SENDERS_BEFORE}
UNION ALL
SELECT b.address, m.address
FROM directory_mailbox b
JOIN directory_domain d ON d.id = b.domain_id {_MEMBERS}
WHERE d.enabled = 1 AND {_WELL}
UNION ALL
SELECT a.address, m.address
FROM directory_alias a
JOIN directory_domain d ON d.id = a.domain_id
JOIN directory_aliastarget t ON t.alias_id = a.id
JOIN directory_mailbox b ON b.address = t.target {_MEMBERS}
WHERE a.enabled = 1 AND d.enabled = 1 AND {_WELL}
UNION ALL
SELECT x.address, m.address
FROM directory_mirroredaddress x
JOIN directory_domain d ON d.id = x.domain_id
JOIN directory_domain r ON r.id = d.alias_of_id
JOIN directory_mailbox b ON b.address = x.target {_MEMBERS}
WHERE d.enabled = 1 AND r.enabled = 1 AND {_WELL}
UNION ALL
SELECT x.address, m.address
FROM directory_mirroredaddress x
JOIN directory_domain d ON d.id = x.domain_id
JOIN directory_domain r ON r.id = d.alias_of_id
JOIN directory_alias a ON a.address = x.target
JOIN directory_aliastarget t ON t.alias_id = a.id
JOIN directory_mailbox b ON b.address = t.target {_MEMBERS}
WHERE d.enabled = 1 AND r.enabled = 1 AND a.enabled = 1 AND {_WELL}
"""  # noqa: S608 - our own
NOW = {"lookup_shared": LOOKUP_SHARED, "lookup_sender": LOOKUP_SENDER}
BEFORE = {"lookup_sender": _SENDERS_BEFORE}


def _view(schema_editor: BaseDatabaseSchemaEditor, name: str, query: str) -> None:
    """Create or replace a view; SQLite, in tests, knows no replacing."""
    if schema_editor.connection.vendor == "mysql":
        schema_editor.execute(f"CREATE OR REPLACE VIEW {name} AS {query}")
        return
    schema_editor.execute(f"DROP VIEW IF EXISTS {name}")
    schema_editor.execute(f"CREATE VIEW {name} AS {query}")


def create(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Have the views know of shared mailboxes."""
    for name, query in NOW.items():
        _view(schema_editor, name, query)


def undo(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Have the views as they were."""
    schema_editor.execute("DROP VIEW IF EXISTS lookup_shared")
    for name, query in BEFORE.items():
        _view(schema_editor, name, query)


def _to_mailbox(name: str) -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE, related_name=name, to="directory.mailbox"
    )


class Migration(migrations.Migration):
    dependencies = [("directory", "0012_digest")]

    operations = [
        migrations.CreateModel(
            name="SharedMark",
            fields=[
                (
                    "mailbox",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="shared_mark",
                        serialize=False, to="directory.mailbox",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SharedMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(
                        choices=[("read", "read"), ("write", "write"), ("manage", "manage")], max_length=6
                    ),
                ),
                ("may_send", models.BooleanField(default=False)),
                ("mailbox", _to_mailbox("shared_members")),
                ("member", _to_mailbox("memberships")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("mailbox", "member"), name="shared_member_once")],
            },
        ),
        migrations.CreateModel(
            name="SharedMailbox",
            fields=[],
            options={
                "verbose_name": "shared mailbox", "verbose_name_plural": "shared mailboxes", "ordering": ("address",),
                "proxy": True, "indexes": [], "constraints": [],
            },
            bases=("directory.mailbox",),
        ),
        migrations.RunPython(create, undo, atomic=False),
    ]
