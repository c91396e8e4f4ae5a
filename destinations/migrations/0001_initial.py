import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("posts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("platform", models.CharField(max_length=20)),
                ("platform_account_id", models.CharField(max_length=200)),
                ("name", models.CharField(max_length=200)),
                ("username", models.CharField(blank=True, max_length=200)),
                (
                    "display_name",
                    models.CharField(blank=True, db_default="", default="", max_length=200),
                ),
                ("avatar_url", models.URLField(blank=True, max_length=1000)),
                ("credentials", models.TextField()),
                ("login", models.CharField(blank=True, max_length=20)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("token_expires_at", models.DateTimeField(blank=True, null=True)),
                ("token_refreshed_at", models.DateTimeField(blank=True, null=True)),
                ("is_refreshable", models.BooleanField(default=False)),
                ("refresh_expires_at", models.DateTimeField(blank=True, null=True)),
                ("refresh_claim", models.UUIDField(blank=True, null=True)),
                ("refresh_until", models.DateTimeField(blank=True, null=True)),
                ("is_active", models.BooleanField(default=True)),
                ("needs_reconnection_since", models.DateTimeField(blank=True, null=True)),
                ("held_until", models.DateTimeField(blank=True, null=True)),
                ("connected_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="accounts",
                        to="posts.workspace",
                    ),
                ),
            ],
        ),
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
        ),
        migrations.CreateModel(
            name="Destination",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("account_number", models.BigIntegerField()),
                ("account_name", models.CharField(max_length=200)),
                ("platform", models.CharField(max_length=20)),
                ("queue", models.CharField(max_length=60)),
                ("position", models.PositiveSmallIntegerField()),
                ("draft", models.JSONField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("publishing", "Publishing"),
                            ("unconfirmed", "Unconfirmed"),
                            ("published", "Published"),
                            ("failed", "Failed"),
                        ],
                        default="queued",
                        max_length=12,
                    ),
                ),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("claim", models.UUIDField(blank=True, null=True)),
                ("wanted_at", models.DateTimeField()),
                ("not_after", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("lookups", models.PositiveIntegerField(default=0)),
                ("begun_count", models.PositiveSmallIntegerField(default=0)),
                ("begun_at", models.DateTimeField(blank=True, null=True)),
                ("next_retry_at", models.DateTimeField(blank=True, null=True)),
                ("checkpoint", models.TextField(blank=True)),
                ("error", models.TextField(blank=True)),
                ("error_code", models.CharField(blank=True, max_length=60)),
                ("notes", models.JSONField(blank=True, default=list)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("platform_post_id", models.CharField(blank=True, max_length=300)),
                ("platform_post_url", models.URLField(blank=True, max_length=1000)),
                ("request_id", models.CharField(blank=True, max_length=40)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="destinations",
                        to="destinations.account",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="destinations",
                        to="posts.post",
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
                "ordering": ["post", "position"],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("wanted_at", models.DateTimeField()),
                ("started_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("outcome", models.CharField(blank=True, max_length=40)),
                ("error", models.TextField(blank=True)),
                ("platform_code", models.CharField(blank=True, max_length=100)),
                ("http_status", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("platform_request_id", models.CharField(blank=True, max_length=200)),
                ("response", models.TextField(blank=True)),
                ("unmapped", models.BooleanField(default=False)),
                ("worker", models.CharField(blank=True, max_length=200)),
                (
                    "destination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attempt_rows",
                        to="destinations.destination",
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("move", models.CharField(max_length=40)),
                ("from_status", models.CharField(blank=True, max_length=12)),
                ("to_status", models.CharField(max_length=12)),
                ("by", models.CharField(max_length=200)),
                ("reason", models.TextField(blank=True)),
                ("attempt", models.PositiveIntegerField(blank=True, null=True)),
                ("request_id", models.CharField(blank=True, max_length=40)),
                (
                    "destination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="destinations.destination",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("count", models.BigIntegerField(default=0)),
                ("database", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="heartbeat_one_row")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                condition=models.Q(("is_refreshable", True)),
                fields=["platform", "token_expires_at"],
                name="account_to_refresh",
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                fields=["platform", "platform_account_id"], name="account_of_network"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                fields=("workspace", "platform", "platform_account_id"),
                name="account_once_per_workspace",
            ),
        ),
        migrations.AddIndex(
            model_name="connection",
            index=models.Index(
                condition=models.Q(("state_hash", ""), _negated=True),
                fields=["state_hash"],
                name="connection_state",
            ),
        ),
        migrations.AddIndex(
            model_name="connection",
            index=models.Index(fields=["expires_at"], name="connection_expires"),
        ),
        migrations.AddIndex(
            model_name="destination",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)),
                fields=["due_at", "id"],
                name="destination_due",
            ),
        ),
        migrations.AddIndex(
            model_name="destination",
            index=models.Index(
                condition=models.Q(
                    ("due_at__isnull", False),
                    models.Q(
                        ("begun_at__isnull", True),
                        ("next_retry_at__isnull", False),
                        _connector="OR",
                    ),
                ),
                fields=["platform", "wanted_at"],
                name="destination_not_begun",
            ),
        ),
        migrations.AddIndex(
            model_name="destination",
            index=models.Index(
                condition=models.Q(("platform_post_id", ""), _negated=True),
                fields=["platform_post_id"],
                name="destination_platform_post",
            ),
        ),
        migrations.AddIndex(
            model_name="destination",
            index=models.Index(
                condition=models.Q(("error_code", ""), _negated=True),
                fields=["account", "updated_at"],
                name="destination_failed",
            ),
        ),
        migrations.AddIndex(
            model_name="destination",
            index=models.Index(
                condition=models.Q(("error_code", "outcome_unknown")),
                fields=["updated_at"],
                name="destination_may_be_public",
            ),
        ),
        migrations.AddIndex(
            model_name="destination",
            index=models.Index(
                condition=models.Q(("published_at__isnull", False)),
                fields=["account", "published_at"],
                name="destination_published",
            ),
        ),
        migrations.AddConstraint(
            model_name="destination",
            constraint=models.UniqueConstraint(
                fields=("post", "account_number"), name="destination_once_per_account"
            ),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("unmapped", True)),
                fields=["started_at"],
                name="attempt_unmapped",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.UniqueConstraint(
                fields=("destination", "number"), name="attempt_once"
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["destination", "id"], name="event_of_destination"),
        ),
    ]
