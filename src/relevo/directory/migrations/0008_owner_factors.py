"""The second factor of mailbox owners at the portal: an authenticator app, and recovery codes."""

import django.db.models.deletion
from django.db import migrations, models

ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


class Migration(migrations.Migration):
    dependencies = [("directory", "0007_portal")]

    operations = [
        migrations.CreateModel(
            name="OwnerApp",
            fields=[
                ID,
                ("sealed_key", models.CharField(max_length=255)),
                ("last_step", models.PositiveBigIntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "mailbox",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="owner_app", to="directory.mailbox"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OwnerRecoveryCode",
            fields=[
                ID,
                ("hashed", models.CharField(max_length=255)),
                (
                    "mailbox",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="recovery_codes",
                        to="directory.mailbox",
                    ),
                ),
            ],
        ),
    ]
