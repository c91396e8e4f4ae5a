"""Posts wait for the approval of people, who may see them at secret addresses."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0030_repeating"),
    ]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="approval_mode",
            field=models.CharField(
                choices=[
                    ("none", "Posts need no approval"),
                    ("optional", "A post needs approval if a person asks for it"),
                    ("required_internal", "Every post needs approval"),
                    (
                        "required_internal_and_client",
                        "Every post needs approval, and then the client's",
                    ),
                ],
                db_default="none",
                default="none",
                help_text="A post that needs approval is not published before it is approved. Applies to posts that are created, scheduled or changed from now on; those that wait already need their approval also if this is switched off.",
                max_length=30,
                verbose_name="approval",
            ),
        ),
        migrations.AlterField(
            model_name="apikey",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("read", "Read"),
                        ("write", "Write"),
                        ("ai", "Ai"),
                        ("approve", "Approve"),
                    ],
                    max_length=10,
                ),
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="devicelogin",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("read", "Read"),
                        ("write", "Write"),
                        ("ai", "Ai"),
                        ("approve", "Approve"),
                    ],
                    max_length=10,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.CreateModel(
            name="ShareLink",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("can_decide", models.BooleanField(default=False)),
                ("reviewer", models.CharField(blank=True, default="", max_length=100)),
                ("created_by", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="share_links",
                        to="posts.post",
                    ),
                ),
            ],
            options={
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "post",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="approval",
                        serialize=False,
                        to="posts.post",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("none", "None"),
                            ("pending", "Pending"),
                            ("approved", "Approved"),
                            ("changes_requested", "Changes Requested"),
                            ("rejected", "Rejected"),
                        ],
                        default="pending",
                        max_length=20,
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[("internal", "Internal"), ("client", "Client")],
                        default="internal",
                        max_length=10,
                    ),
                ),
                ("requested_at", models.DateTimeField(blank=True, null=True)),
                (
                    "reviewers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("by", models.CharField(blank=True, default="", max_length=200)),
                ("comment", models.TextField(blank=True, default="")),
                ("created_by", models.CharField(blank=True, default="", max_length=200)),
                ("edited_by", models.CharField(blank=True, default="", max_length=200)),
                ("approved", models.JSONField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("reminders", models.PositiveSmallIntegerField(default=0)),
                ("remind_at", models.DateTimeField(blank=True, null=True)),
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
                "permissions": [
                    ("approve_post", "Can approve posts, and publish without approval")
                ],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("expires_at__isnull", False)),
                        fields=["expires_at"],
                        name="approval_expires",
                    ),
                    models.Index(
                        condition=models.Q(("remind_at__isnull", False)),
                        fields=["remind_at"],
                        name="approval_remind",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("decided_at__isnull", True), ("requested_at__isnull", False)
                        ),
                        fields=["requested_at"],
                        name="approval_waiting",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApprovalEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("approved", "Approved"),
                            ("changes_requested", "Changes Requested"),
                            ("rejected", "Rejected"),
                            ("edited", "Edited"),
                            ("commented", "Commented"),
                            ("reminded", "Reminded"),
                            ("missed", "Missed"),
                            ("overridden", "Overridden"),
                            ("link_created", "Link Created"),
                            ("link_revoked", "Link Revoked"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        blank=True,
                        choices=[("internal", "Internal"), ("client", "Client")],
                        default="",
                        max_length=10,
                    ),
                ),
                ("by", models.CharField(max_length=200)),
                ("name", models.CharField(blank=True, default="", max_length=100)),
                ("text", models.TextField(blank=True, default="")),
                (
                    "visibility",
                    models.CharField(
                        choices=[("internal", "Internal"), ("client", "Client")],
                        default="internal",
                        max_length=10,
                    ),
                ),
                ("changes", models.JSONField(blank=True, default=dict)),
                ("request_id", models.CharField(blank=True, default="", max_length=40)),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="approval_events",
                        to="posts.post",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["post", "id"], name="approval_event_of_post")],
            },
        ),
    ]
