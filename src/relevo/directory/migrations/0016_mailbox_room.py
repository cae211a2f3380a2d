"""An index out of which the sums of a domain's mailboxes are read, without reading their rows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("directory", "0015_guard")]

    operations = [
        migrations.AddIndex(
            "mailbox",
            models.Index(
                fields=["domain", "hidden", "removed_at", "quota_mb", "address"], name="mailbox_room",
            ),
        ),
    ]
