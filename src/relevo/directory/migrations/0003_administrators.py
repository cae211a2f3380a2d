"""Administrators of the web, failed attempts to log in, and what an audit entry is about and where it came from."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def fill_domain(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Note of older entries, too, which domain they are about; run again it goes on."""
    entries = apps.get_model("directory", "AuditEntry").objects
    for subject in entries.filter(domain="").order_by().values_list("subject", flat=True).distinct():
        entries.filter(subject=subject).update(domain=subject.rpartition("@")[2])


NAMES = (
    ("alias", "address", "alias", "aliases"),
    ("auditentry", "-id", "audit entry", "audit log"),
    ("distributionlist", "address", "distribution list", "distribution lists"),
    ("domain", "name", "domain", "domains"),
    ("mailbox", "address", "mailbox", "mailboxes"),
)


class Migration(migrations.Migration):
    dependencies = [("directory", "0002_lookups")]

    # The new columns have their default in the database itself: a node that is not up to date yet goes on writing.
    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="domain",
            field=models.CharField(db_default="", db_index=True, max_length=253),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="source",
            field=models.CharField(db_default="", max_length=45),
        ),
        migrations.RunPython(fill_domain, migrations.RunPython.noop),
        migrations.CreateModel(
            name="Administrator",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("address", models.CharField(max_length=254, unique=True)),
                ("password", models.CharField(max_length=255)),
                (
                    "role",
                    models.CharField(
                        choices=[("global", "Global"), ("domain", "Domain")], default="domain", max_length=10
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("domains", models.ManyToManyField(blank=True, related_name="administrators", to="directory.domain")),
            ],
            options={
                "verbose_name": "administrator",
                "verbose_name_plural": "administrators",
                "ordering": ("address",),
            },
        ),
        migrations.CreateModel(
            name="FailedLogin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(max_length=254)),
                ("client", models.CharField(max_length=45)),
                ("at", models.DateTimeField(auto_now_add=True, db_index=True)),
            ],
            options={
                "indexes": [models.Index(fields=["client", "address"], name="failed_login")],
            },
        ),
        *(
            migrations.AlterModelOptions(
                name=name,
                options={"ordering": (ordering,), "verbose_name": one, "verbose_name_plural": many},
            )
            for name, ordering, one, many in NAMES
        ),
    ]
