"""The rows by which Galera finds out that two changes must not be committed at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("directory", "0014_moderation")]

    operations = [
        migrations.CreateModel(
            name="Guard",
            fields=[
                ("name", models.CharField(max_length=50, primary_key=True, serialize=False)),
                ("turn", models.PositiveBigIntegerField(default=0)),
            ],
        ),
    ]
