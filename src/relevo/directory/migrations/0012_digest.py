"""The daily lists of refused mail: who got which one, the links in it, and who wants none."""

import django.db.models.deletion
from django.db import migrations, models

ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))
CASCADE = django.db.models.deletion.CASCADE


class Migration(migrations.Migration):
    dependencies = [("directory", "0011_use")]

    operations = [
        migrations.AlterModelOptions(
            name="senderrule",
            options={
                "ordering": ("recipient", "sender"), "verbose_name": "sender rule",
                "verbose_name_plural": "allowed and blocked senders",
            },
        ),
        migrations.CreateModel(
            name="OwnerChoice",
            fields=[
                ID,
                ("digest", models.BooleanField(default=True)),
                ("language", models.CharField(blank=True, default="", max_length=8)),
                ("mailbox", models.OneToOneField(on_delete=CASCADE, related_name="choice", to="directory.mailbox")),
            ],
        ),
        migrations.CreateModel(
            name="DigestRun",
            fields=[
                ID,
                ("name", models.CharField(max_length=32, unique=True)),
                ("validity", models.PositiveBigIntegerField()),
                ("after_uid", models.PositiveBigIntegerField()),
                ("until_uid", models.PositiveBigIntegerField()),
                ("since", models.DateTimeField(blank=True, null=True)),
                ("began_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Digest",
            fields=[
                ID,
                ("after_uid", models.PositiveBigIntegerField()),
                ("begun_at", models.DateTimeField(auto_now_add=True, db_index=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("mailbox", models.ForeignKey(on_delete=CASCADE, related_name="digests", to="directory.mailbox")),
                ("run", models.ForeignKey(on_delete=CASCADE, related_name="digests", to="directory.digestrun")),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("run", "mailbox"), name="digest_once")]},
        ),
        migrations.CreateModel(
            name="DigestLink",
            fields=[
                ID,
                ("copy", models.CharField(max_length=32)),
                ("hashed", models.CharField(max_length=64, unique=True)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("digest", models.ForeignKey(on_delete=CASCADE, related_name="links", to="directory.digest")),
            ],
        ),
    ]
