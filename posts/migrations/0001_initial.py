import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

import posts.models.api_key


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        # For the index post_text. Trusted since PostgreSQL 13: no superuser is needed.
        TrigramExtension(),
        migrations.CreateModel(
            name="Media",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("uploading", "Uploading"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                        ],
                        default="uploading",
                        max_length=10,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[("image", "Image"), ("video", "Video"), ("document", "Document")],
                        max_length=10,
                    ),
                ),
                ("filename", models.CharField(max_length=255)),
                ("content_type", models.CharField(blank=True, max_length=100)),
                ("size_bytes", models.BigIntegerField()),
                ("width", models.PositiveIntegerField(blank=True, null=True)),
                ("height", models.PositiveIntegerField(blank=True, null=True)),
                ("duration_seconds", models.FloatField(blank=True, null=True)),
                ("video_codec", models.CharField(blank=True, max_length=40)),
                ("audio_codec", models.CharField(blank=True, max_length=40)),
                ("frames_per_second", models.FloatField(blank=True, null=True)),
                ("frames", models.PositiveIntegerField(default=1)),
                ("index_first", models.BooleanField(blank=True, null=True)),
                ("pages", models.PositiveIntegerField(blank=True, null=True)),
                ("has_metadata", models.BooleanField(blank=True, null=True)),
                ("storage_key", models.CharField(max_length=300)),
                (
                    "stripped_key",
                    models.CharField(blank=True, db_default="", default="", max_length=300),
                ),
                (
                    "thumbnail_key",
                    models.CharField(blank=True, db_default="", default="", max_length=300),
                ),
                ("broken_count", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("error", models.TextField(blank=True)),
                ("refusal", models.JSONField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name_plural": "media",
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("content", models.TextField()),
                ("platform_content", models.JSONField(blank=True, default=dict)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("scheduled", "Scheduled"),
                            ("publishing", "Publishing"),
                            ("published", "Published"),
                            ("partial", "Partial"),
                            ("failed", "Failed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("scheduled_for", models.DateTimeField(blank=True, null=True)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("timezone", models.CharField(default="UTC", max_length=64)),
                ("deleted_files", models.JSONField(blank=True, db_default={}, default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=300)),
                ("media_id", models.UUIDField()),
                ("at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="Workspace",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "missed_after_minutes",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="A scheduled post that could not be started within this time fails as missed_schedule and waits for a manual retry. Blank: it is published however late.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(40320),
                        ],
                        verbose_name="latest start, in minutes after the scheduled time",
                    ),
                ),
                (
                    "storage_quota_bytes",
                    models.PositiveBigIntegerField(
                        blank=True,
                        help_text="In bytes. Empty: STORAGE_QUOTA_BYTES applies. 0: no limit.",
                        null=True,
                        verbose_name="storage quota",
                    ),
                ),
                (
                    "keep_metadata",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Metadata is place, device, time and names in images and videos. Unless this is set, networks and links get copies without it; the original files are kept. Applies to posts that are created or changed from now on.",
                        verbose_name="publish files with their metadata",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("prefix", models.CharField(max_length=16)),
                ("digest", models.CharField(max_length=64, unique=True)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[("read", "Read"), ("write", "Write"), ("ai", "Ai")],
                            max_length=10,
                        ),
                        size=None,
                    ),
                ),
                ("is_restricted", models.BooleanField(default=False)),
                (
                    "request_limits",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[posts.models.api_key.check_limits],
                    ),
                ),
                (
                    "post_limits",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[posts.models.api_key.check_limits],
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "replaced_by",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="replaces",
                        to="posts.apikey",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_keys",
                        to="posts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Fetch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("url", models.TextField()),
                ("claim", models.UUIDField(blank=True, null=True)),
                ("due_at", models.DateTimeField(db_index=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "media",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fetch",
                        to="posts.media",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "fetches",
            },
        ),
        migrations.CreateModel(
            name="PostMedia",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("alt_text", models.TextField(blank=True)),
                (
                    "media",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="posts.media",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="posts.post",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.AddField(
            model_name="post",
            name="media",
            field=models.ManyToManyField(
                related_name="posts", through="posts.PostMedia", to="posts.media"
            ),
        ),
        migrations.CreateModel(
            name="Variant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("form", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("making", "Making"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("claim", models.UUIDField(blank=True, null=True)),
                ("lease_until", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("put_back_at", models.DateTimeField(blank=True, null=True)),
                ("storage_key", models.CharField(blank=True, max_length=300)),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("made_at", models.DateTimeField(blank=True, null=True)),
                (
                    "media",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="variants",
                        to="posts.media",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="post",
            name="workspace",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="posts",
                to="posts.workspace",
            ),
        ),
        migrations.AddField(
            model_name="media",
            name="workspace",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="media",
                to="posts.workspace",
            ),
        ),
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
        migrations.CreateModel(
            name="PostText",
            fields=[
                (
                    "post",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="searched",
                        serialize=False,
                        to="posts.post",
                    ),
                ),
                ("text", models.TextField()),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("text"), name="gin_trgm_ops"
                        ),
                        name="post_text",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="postmedia",
            constraint=models.UniqueConstraint(fields=("post", "media"), name="post_media_once"),
        ),
        migrations.AddIndex(
            model_name="variant",
            index=models.Index(
                condition=models.Q(("status__in", ["waiting", "making"])),
                fields=["lease_until"],
                name="variant_unmade",
            ),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.UniqueConstraint(
                fields=("media", "digest"), name="variant_once_per_form"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["workspace", "-created_at", "id"], name="post_newest"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["workspace", "status", "-created_at"], name="post_status"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["workspace", "-updated_at", "id"], name="post_updated"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                models.F("workspace"),
                models.OrderBy(models.F("scheduled_for"), descending=True, nulls_last=True),
                models.F("id"),
                name="post_scheduled",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                models.F("workspace"),
                models.OrderBy(models.F("published_at"), descending=True, nulls_last=True),
                models.F("id"),
                name="post_published",
            ),
        ),
        migrations.AddIndex(
            model_name="media",
            index=models.Index(fields=["workspace", "-created_at"], name="media_newest"),
        ),
        migrations.AddIndex(
            model_name="media",
            index=models.Index(
                condition=models.Q(("storage_key", ""), _negated=True),
                fields=["storage_key"],
                name="media_stored",
            ),
        ),
        migrations.AddIndex(
            model_name="media",
            index=models.Index(
                condition=models.Q(("status__in", ["uploading", "failed"])),
                fields=["created_at"],
                name="media_unready",
            ),
        ),
    ]
