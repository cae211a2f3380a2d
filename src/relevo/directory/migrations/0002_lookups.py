"""The views that Postfix, Dovecot and the webmail read; names and columns are wires of the platform.

Plain joins of indexed columns only, so that MariaDB pushes `WHERE source = ...` down into each part of a UNION (seen
with EXPLAIN on 11.8). A target that is a mailbox of ours which does not receive is left out: mail to an alias with no
other target is refused at SMTP time instead of bounced later.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

LOOKUP_DOMAIN = """
SELECT d.name AS domain
FROM directory_domain d LEFT JOIN directory_domain r ON r.id = d.alias_of_id
WHERE d.enabled = 1 AND (r.id IS NULL OR r.enabled = 1)
"""

LOOKUP_MAILBOX = """
SELECT m.address AS address, m.password AS password, m.quota_mb AS quota_mb
FROM directory_mailbox m JOIN directory_domain d ON d.id = m.domain_id
WHERE m.enabled = 1 AND m.removed_at IS NULL AND d.enabled = 1
"""

LOOKUP_ALIAS = """
SELECT a.address AS source, t.target AS target
FROM directory_alias a
JOIN directory_domain d ON d.id = a.domain_id
JOIN directory_aliastarget t ON t.alias_id = a.id
LEFT JOIN directory_mailbox m ON m.address = t.target AND m.removed_at IS NULL
WHERE a.enabled = 1 AND d.enabled = 1 AND (m.id IS NULL OR m.enabled = 1)
UNION ALL
SELECT l.address, t.address
FROM directory_distributionlist l
JOIN directory_domain d ON d.id = l.domain_id
JOIN directory_listmember t ON t.list_id = l.id
LEFT JOIN directory_mailbox m ON m.address = t.address AND m.removed_at IS NULL
WHERE l.enabled = 1 AND d.enabled = 1 AND (m.id IS NULL OR m.enabled = 1)
UNION ALL
SELECT b.address, t.target
FROM directory_mailbox b
JOIN directory_domain d ON d.id = b.domain_id
JOIN directory_forward t ON t.mailbox_id = b.id
LEFT JOIN directory_mailbox m ON m.address = t.target AND m.removed_at IS NULL
WHERE b.enabled = 1 AND b.removed_at IS NULL AND d.enabled = 1 AND (m.id IS NULL OR m.enabled = 1)
UNION ALL
SELECT b.address, b.address
FROM directory_mailbox b JOIN directory_domain d ON d.id = b.domain_id
WHERE b.enabled = 1 AND b.removed_at IS NULL AND d.enabled = 1
  AND ((b.keep_copy = 1 AND EXISTS (SELECT 1 FROM directory_forward f WHERE f.mailbox_id = b.id))
       OR (d.catch_all <> '' AND NOT EXISTS (SELECT 1 FROM directory_forward f WHERE f.mailbox_id = b.id)))
UNION ALL
SELECT x.address, x.target
FROM directory_mirroredaddress x
JOIN directory_domain d ON d.id = x.domain_id
JOIN directory_domain r ON r.id = d.alias_of_id
WHERE d.enabled = 1 AND r.enabled = 1
UNION ALL
SELECT d.at_name, d.catch_all
FROM directory_domain d
WHERE d.enabled = 1 AND d.catch_all <> ''
UNION ALL
SELECT d.at_name, r.catch_all
FROM directory_domain d JOIN directory_domain r ON r.id = d.alias_of_id
WHERE d.enabled = 1 AND r.enabled = 1 AND r.catch_all <> ''
"""

LOOKUP_SENDER = """
SELECT m.address AS address, m.address AS login
FROM directory_mailbox m JOIN directory_domain d ON d.id = m.domain_id
WHERE m.enabled = 1 AND m.removed_at IS NULL AND d.enabled = 1
UNION ALL
SELECT a.address, m.address
FROM directory_alias a
JOIN directory_domain d ON d.id = a.domain_id
JOIN directory_aliastarget t ON t.alias_id = a.id
JOIN directory_mailbox m ON m.address = t.target
WHERE a.enabled = 1 AND d.enabled = 1 AND m.enabled = 1 AND m.removed_at IS NULL
UNION ALL
SELECT x.address, m.address
FROM directory_mirroredaddress x
JOIN directory_domain d ON d.id = x.domain_id
JOIN directory_domain r ON r.id = d.alias_of_id
JOIN directory_mailbox m ON m.address = x.target
WHERE d.enabled = 1 AND r.enabled = 1 AND m.enabled = 1 AND m.removed_at IS NULL
UNION ALL
SELECT x.address, m.address
FROM directory_mirroredaddress x
JOIN directory_domain d ON d.id = x.domain_id
JOIN directory_domain r ON r.id = d.alias_of_id
JOIN directory_alias a ON a.address = x.target
JOIN directory_aliastarget t ON t.alias_id = a.id
JOIN directory_mailbox m ON m.address = t.target
WHERE d.enabled = 1 AND r.enabled = 1 AND a.enabled = 1 AND m.enabled = 1 AND m.removed_at IS NULL
"""

_POSTERS = (
    ("'anyone'", "''", "", "anyone"),
    ("'domain'", "d.at_name", "", "domain"),
    ("'domain'", "p.at_name", "JOIN directory_domain p ON p.alias_of_id = d.id", "domain"),
    ("'members'", "p.address", "JOIN directory_listmember p ON p.list_id = l.id", "members"),
    ("'named'", "p.address", "JOIN directory_listsender p ON p.list_id = l.id", "named"),
)
_POSTER_OF_LIST = """
SELECT l.address AS list, {word} AS policy, {sender} AS sender
FROM directory_distributionlist l JOIN directory_domain d ON d.id = l.domain_id {more}
WHERE l.enabled = 1 AND d.enabled = 1 AND l.policy = '{policy}'
"""
_POSTER_OF_MIRRORED = """
SELECT x.address AS list, {word} AS policy, {sender} AS sender
FROM directory_mirroredaddress x
JOIN directory_domain o ON o.id = x.domain_id
JOIN directory_distributionlist l ON l.address = x.target
JOIN directory_domain d ON d.id = l.domain_id {more}
WHERE o.enabled = 1 AND l.enabled = 1 AND d.enabled = 1 AND l.policy = '{policy}'
"""
LOOKUP_LIST_POSTER = "UNION ALL".join(
    part.format(word=word, sender=sender, more=more, policy=policy)
    for word, sender, more, policy in _POSTERS
    for part in (_POSTER_OF_LIST, _POSTER_OF_MIRRORED)
)

# One table, so that the webmail can change the password through it; WITH CHECK OPTION is not needed, as it may change
# no other column.
LOOKUP_PASSWORDS = """
SELECT m.address AS address, m.password AS password
FROM directory_mailbox m
WHERE m.enabled = 1 AND m.removed_at IS NULL AND m.hidden = 0
"""

VIEWS = {
    "lookup_domain": LOOKUP_DOMAIN,
    "lookup_mailbox": LOOKUP_MAILBOX,
    "lookup_alias": LOOKUP_ALIAS,
    "lookup_sender": LOOKUP_SENDER,
    "lookup_list_poster": LOOKUP_LIST_POSTER,
    "lookup_password": LOOKUP_PASSWORDS,
}


def create(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create or replace the views; SQLite, in tests, knows no replacing."""
    verb = "CREATE OR REPLACE VIEW" if schema_editor.connection.vendor == "mysql" else "CREATE VIEW"
    for name, query in VIEWS.items():
        schema_editor.execute(f"{verb} {name} AS {query}")


def drop(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the views away."""
    for name in VIEWS:
        schema_editor.execute(f"DROP VIEW IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial")]
    operations = [migrations.RunPython(create, drop, atomic=False)]
