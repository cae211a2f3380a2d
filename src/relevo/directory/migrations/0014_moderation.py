"""Lists that hold posts: their owners, the ways of their mail, and what was decided about a post."""

from importlib import import_module
from typing import Any

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_BEFORE: dict[str, str] = import_module("relevo.directory.migrations.0002_lookups").VIEWS
ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))

# Where a list that holds posts leads, unless the filter has led the post past it: to where posts wait. What goes wrong
# on the way holds a post, and never lets one through.
_HOLDING = """
UNION ALL
SELECT l.address, l.held_at
FROM directory_distributionlist l JOIN directory_domain d ON d.id = l.domain_id
WHERE l.enabled = 1 AND d.enabled = 1 AND l.moderation <> 'off'
UNION ALL
SELECT l.members_at, t.address
FROM directory_distributionlist l
JOIN directory_domain d ON d.id = l.domain_id
JOIN directory_listmember t ON t.list_id = l.id
LEFT JOIN directory_mailbox m ON m.address = t.address AND m.removed_at IS NULL
WHERE l.enabled = 1 AND d.enabled = 1 AND l.moderation <> 'off' AND (m.id IS NULL OR m.enabled = 1)
"""
_PLAIN = "WHERE l.enabled = 1 AND d.enabled = 1 AND (m.id IS NULL OR m.enabled = 1)\n"
_PLAIN_NOW = _PLAIN.replace("(m.id", "l.moderation = 'off' AND (m.id")
LOOKUP_ALIAS = _BEFORE["lookup_alias"].replace(_PLAIN, _PLAIN_NOW) + _HOLDING

# Nobody is refused at a list that holds posts; `held` says so to who asks for the policy.
_REFUSING = "WHERE l.enabled = 1 AND d.enabled = 1 AND l.policy"
_REFUSING_MIRRORED = "WHERE o.enabled = 1 AND l.enabled = 1 AND d.enabled = 1 AND l.policy"
_HELD = """
UNION ALL
SELECT l.address, 'held', ''
FROM directory_distributionlist l JOIN directory_domain d ON d.id = l.domain_id
WHERE l.enabled = 1 AND d.enabled = 1 AND l.moderation <> 'off'
UNION ALL
SELECT x.address, 'held', ''
FROM directory_mirroredaddress x
JOIN directory_domain o ON o.id = x.domain_id
JOIN directory_distributionlist l ON l.address = x.target
JOIN directory_domain d ON d.id = l.domain_id
WHERE o.enabled = 1 AND l.enabled = 1 AND d.enabled = 1 AND l.moderation <> 'off'
"""
LOOKUP_LIST_POSTER = _BEFORE["lookup_list_poster"]
for _where in (_REFUSING, _REFUSING_MIRRORED):
    _where_now = _where.replace("l.policy", "l.moderation = 'off' AND l.policy")
    LOOKUP_LIST_POSTER = LOOKUP_LIST_POSTER.replace(_where, _where_now)
LOOKUP_LIST_POSTER += _HELD

# Whose posts go straight to the members of such a list, and by which address.
_PASSING = (
    ("d.at_name", "", "l.moderation = 'others' AND l.policy = 'domain'"),
    ("p.at_name", "JOIN directory_domain p ON p.alias_of_id = d.id", "l.moderation = 'others' AND l.policy = 'domain'"),
    ("p.address", "JOIN directory_listmember p ON p.list_id = l.id",
     "l.moderation = 'others' AND l.policy = 'members'"),
    ("p.address", "JOIN directory_listsender p ON p.list_id = l.id", "l.moderation = 'others' AND l.policy = 'named'"),
    ("p.address", "JOIN directory_listowner w ON w.list_id = l.id JOIN directory_mailbox p ON p.id = w.mailbox_id",
     "l.moderation <> 'off' AND p.enabled = 1 AND p.removed_at IS NULL"),
)
_TO_LIST = """
SELECT l.address AS list, {sender} AS sender, l.members_at AS way
FROM directory_distributionlist l JOIN directory_domain d ON d.id = l.domain_id {more}
WHERE l.enabled = 1 AND d.enabled = 1 AND {condition}
"""
_TO_MIRRORED = """
SELECT x.address AS list, {sender} AS sender, l.members_at AS way
FROM directory_mirroredaddress x
JOIN directory_domain o ON o.id = x.domain_id
JOIN directory_distributionlist l ON l.address = x.target
JOIN directory_domain d ON d.id = l.domain_id {more}
WHERE o.enabled = 1 AND l.enabled = 1 AND d.enabled = 1 AND {condition}
"""
LOOKUP_LIST_WAY = "UNION ALL".join(
    part.format(sender=sender, more=more, condition=condition)
    for sender, more, condition in _PASSING
    for part in (_TO_LIST, _TO_MIRRORED)
)
NOW = {
    "lookup_alias": LOOKUP_ALIAS, "lookup_list_poster": LOOKUP_LIST_POSTER, "lookup_list_way": LOOKUP_LIST_WAY,
}


def _view(schema_editor: BaseDatabaseSchemaEditor, name: str, query: str) -> None:
    """Create or replace a view; SQLite, in tests, knows no replacing."""
    if schema_editor.connection.vendor == "mysql":
        schema_editor.execute(f"CREATE OR REPLACE VIEW {name} AS {query}")
        return
    schema_editor.execute(f"DROP VIEW IF EXISTS {name}")
    schema_editor.execute(f"CREATE VIEW {name} AS {query}")


def away(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the views away while SQLite makes the table anew; MariaDB adds columns, and views stay."""
    if schema_editor.connection.vendor != "mysql":
        undo(_apps, schema_editor, back=False)


def create(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Have the views know of lists that hold posts."""
    for name, query in NOW.items():
        _view(schema_editor, name, query)


def undo(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor, *, back: bool = True) -> None:
    """Have the views as they were."""
    schema_editor.execute("DROP VIEW IF EXISTS lookup_list_way")
    for name in ("lookup_alias", "lookup_list_poster"):
        if back:
            _view(schema_editor, name, _BEFORE[name])
        else:
            schema_editor.execute(f"DROP VIEW IF EXISTS {name}")


def _to(model: str, name: str) -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE, related_name=name, to=f"directory.{model}"
    )


class Migration(migrations.Migration):
    dependencies = [("directory", "0013_shared")]

    operations = [
        migrations.RunPython(away, migrations.RunPython.noop, atomic=False),
        migrations.AddField(
            "distributionlist", "moderation",
            models.CharField(
                choices=[("off", "Off"), ("others", "Others"), ("all", "All")], db_default="off", default="off",
                max_length=6,
            ),
        ),
        migrations.AddField(
            "distributionlist", "held_at", models.CharField(blank=True, db_default="", default="", max_length=274)
        ),
        migrations.AddField(
            "distributionlist", "members_at",
            models.CharField(blank=True, db_default="", db_index=True, default="", max_length=274),
        ),
        migrations.CreateModel(
            name="ListOwner",
            fields=[ID, ("list", _to("distributionlist", "owners")), ("mailbox", _to("mailbox", "owned_lists"))],
            options={"constraints": [models.UniqueConstraint(fields=("list", "mailbox"), name="list_owner_once")]},
        ),
        migrations.CreateModel(
            name="PostMark",
            fields=[
                ID,
                ("post", models.CharField(max_length=64, unique=True)),
                ("what", models.CharField(max_length=8)),
                ("begun_at", models.DateTimeField(auto_now_add=True, db_index=True)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="PostNotice",
            fields=[
                ID,
                ("validity", models.PositiveBigIntegerField()),
                ("until_uid", models.PositiveBigIntegerField()),
                ("at", models.DateTimeField()),
                ("list", _to("distributionlist", "notices")),
                ("mailbox", _to("mailbox", "post_notices")),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("list", "mailbox"), name="post_notice_once")]},
        ),
        migrations.CreateModel(
            name="PostLink",
            fields=[
                ID,
                ("post", models.CharField(max_length=64)),
                ("hashed", models.CharField(max_length=64, unique=True)),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("mailbox", _to("mailbox", "post_links")),
            ],
        ),
        migrations.RunPython(create, undo, atomic=False),
    ]
