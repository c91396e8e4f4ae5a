import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("destinations", "0004_tokens_refreshed"),
        ("posts", "0001_workspaces_keys_posts_media"),
    ]

    operations = [
        migrations.CreateModel(
            name="Connection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("platform", models.CharField(max_length=20)),
                ("login", models.CharField(max_length=20)),
                ("by", models.CharField(max_length=200)),
                ("request_id", models.CharField(blank=True, max_length=40)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("link_hash", models.CharField(max_length=64, unique=True)),
                ("state_hash", models.CharField(blank=True, max_length=64)),
                ("browser_hash", models.CharField(blank=True, max_length=64)),
                ("verifier", models.TextField(blank=True)),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                ("found", models.TextField(blank=True)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "connected",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="destinations.account",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="posts.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state_hash", ""), _negated=True),
                        fields=["state_hash"],
                        name="connection_state",
                    ),
                    models.Index(fields=["expires_at"], name="connection_expires"),
                ],
            },
        ),
    ]
