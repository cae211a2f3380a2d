"""The keys that each domain's mail is signed with, and the view of them that relevo-dkim reads."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

VIEW = "lookup_dkim"
# The private half only of what signs: nobody has a use for the others'.
QUERY = """
SELECT d.name AS domain, k.selector AS selector, k.public AS public,
       CASE WHEN k.state = 'signing' THEN k.sealed ELSE '' END AS sealed
FROM directory_dkimkey k JOIN directory_domain d ON d.id = k.domain_id
"""


def create(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create or replace the view; SQLite, in tests, knows no replacing."""
    verb = "CREATE OR REPLACE VIEW" if schema_editor.connection.vendor == "mysql" else "CREATE VIEW"
    schema_editor.execute(f"{verb} {VIEW} AS {QUERY}")


def drop(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the view away."""
    schema_editor.execute(f"DROP VIEW IF EXISTS {VIEW}")


class Migration(migrations.Migration):
    dependencies = [("directory", "0008_owner_factors")]

    operations = [
        migrations.CreateModel(
            name="DkimKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("selector", models.CharField(max_length=63)),
                (
                    "state",
                    models.CharField(
                        choices=[("new", "New"), ("signing", "Signing"), ("retired", "Retired")], default="new",
                        max_length=10,
                    ),
                ),
                ("public", models.TextField()),
                ("sealed", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("seen_at", models.DateTimeField(blank=True, null=True)),
                ("signing_at", models.DateTimeField(blank=True, null=True)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "domain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="dkim_keys", to="directory.domain"
                    ),
                ),
            ],
            options={
                "verbose_name": "DKIM key",
                "verbose_name_plural": "DKIM keys",
                "ordering": ("id",),
                "constraints": [models.UniqueConstraint(fields=("domain", "selector"), name="dkim_selector_once")],
            },
        ),
        migrations.RunPython(create, drop, atomic=False),
    ]
