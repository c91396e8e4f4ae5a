import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0011_indexes_for_lists"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("idempotency_key", models.CharField(max_length=255)),
                ("fingerprint", models.CharField(max_length=64)),
                ("answer", models.TextField()),
                ("request_id", models.CharField(max_length=40)),
                ("expires_at", models.DateTimeField()),
                (
                    "api_key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="posts.apikey",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["expires_at"], name="answer_expires")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("api_key", "idempotency_key"), name="answer_kept_once"
                    )
                ],
            },
        ),
    ]
