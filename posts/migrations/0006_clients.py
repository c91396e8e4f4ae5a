"""Add the tables of API clients: the log of requests, webhooks, OAuth, device logins.

Keys may have the scope `approve`. Their column does not change.
"""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models
from django.db.models import CASCADE, DO_NOTHING, SET_NULL, ForeignKey, OneToOneField, Q
from django.db.models.functions import Now

from destinations.runtime.migration_tables import ID, UUID, choice, index, not_null, table, unique

#: Of rows that go by themselves: no deletion looks for them, and none holds another up.
LOOSE = {"db_index": False, "db_constraint": False}
SCOPE = choice("read write ai approve")


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0005_fewer_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        table(
            "ApiRequest",
            index("request_of_key", "api_key", "-id", where=Q(api_key__isnull=False)),
            index("request_of_workspace", "workspace", "-id", where=Q(workspace__isnull=False)),
            index("request_by_id", "request_id"),
            index("request_refused", "-id", where=Q(status__gte=400)),
            id=ID,
            at=models.DateTimeField(),
            method=models.CharField(max_length=10),
            route=models.CharField(max_length=120, blank=True),
            path=models.CharField(max_length=200),
            status=models.PositiveSmallIntegerField(),
            duration_ms=models.FloatField(),
            request_id=models.CharField(max_length=40),
            error_code=models.CharField(max_length=40, blank=True),
            key_prefix=models.CharField(max_length=16, blank=True),
            api_key=ForeignKey("posts.apikey", DO_NOTHING, null=True, related_name="+", **LOOSE),
            workspace=ForeignKey(
                "posts.workspace", DO_NOTHING, null=True, related_name="+", **LOOSE
            ),
            options={"verbose_name": "API request"},
        ),
        table(
            "WebhookTotal",
            outcome=models.CharField(max_length=20, primary_key=True, serialize=False),
            count=models.PositiveBigIntegerField(default=0),
        ),
        table(
            "Webhook",
            index("webhook_disabled", "-auto_disabled_at", where=Q(auto_disabled_at__isnull=False)),
            index("webhook_failing", "id", where=Q(consecutive_failures__gt=0, is_active=True)),
            id=UUID,
            url=models.TextField(),
            events=ArrayField(models.CharField(max_length=40)),
            name=models.CharField(max_length=100, blank=True),
            description=models.CharField(max_length=500, blank=True),
            is_active=models.BooleanField(default=True),
            consecutive_failures=models.PositiveIntegerField(default=0),
            auto_disabled_at=models.DateTimeField(blank=True, null=True),
            last_delivery_at=models.DateTimeField(blank=True, null=True),
            last_success_at=models.DateTimeField(blank=True, null=True),
            last_failure_at=models.DateTimeField(blank=True, null=True),
            secret=models.TextField(),
            previous_secret=models.TextField(blank=True),
            previous_secret_until=models.DateTimeField(blank=True, null=True),
            created_at=models.DateTimeField(auto_now_add=True),
            updated_at=models.DateTimeField(db_default=Now()),
            workspace=ForeignKey("posts.workspace", CASCADE, related_name="webhooks"),
            id_form=models.CharField(
                max_length=10,
                choices=[("public", "post_…, dest_…"), ("uuid", "UUIDs")],
                default="public",
                db_default="public",
                verbose_name="ids in events",
            ),
        ),
        table(
            "WebhookEvent",
            index("webhook_event_of_workspace", "workspace", "created_at"),
            index("webhook_event_new", "created_at", where=Q(fanned_out_at__isnull=True)),
            id=ID,
            event_id=models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), editable=False),
            event=models.CharField(max_length=40),
            created_at=models.DateTimeField(db_default=Now()),
            data=models.TextField(),
            body=models.TextField(blank=True, default="", db_default=""),
            fanned_out_at=models.DateTimeField(blank=True, null=True),
            workspace=ForeignKey("posts.workspace", DO_NOTHING, related_name="+", **LOOSE),
        ),
        table(
            "WebhookDelivery",
            index("webhook_delivery_due", "webhook", "due_at", where=Q(due_at__isnull=False)),
            index("webhook_delivery_waiting", "created_at", where=Q(due_at__isnull=False)),
            index("webhook_delivery_in_flight", "webhook", where=Q(claim__isnull=False)),
            index("webhook_delivery_status", "webhook", "status", "event"),
            index("webhook_delivery_listed", "created_at", where=not_null("created_at")),
            unique("webhook_delivery_once", "webhook", "event"),
            id=models.UUIDField(
                primary_key=True,
                default=uuid.uuid4,
                db_default=RandomUUID(),
                serialize=False,
                editable=False,
            ),
            status=choice("waiting success failed", default="waiting", db_default="waiting"),
            due_at=models.DateTimeField(blank=True, null=True),
            claim=models.UUIDField(blank=True, null=True),
            attempts=models.PositiveIntegerField(default=0, db_default=0),
            tries=models.PositiveSmallIntegerField(default=0, db_default=0),
            next_attempt_at=models.DateTimeField(blank=True, null=True),
            created_at=models.DateTimeField(db_default=Now()),
            webhook=ForeignKey("posts.webhook", DO_NOTHING, related_name="deliveries", **LOOSE),
            event=ForeignKey(
                "posts.webhookevent", DO_NOTHING, db_constraint=False, related_name="deliveries"
            ),
            options={"verbose_name_plural": "webhook deliveries"},
        ),
        table(
            "WebhookAttempt",
            id=ID,
            attempt_number=models.PositiveIntegerField(),
            status=choice("waiting success failed"),
            url=models.TextField(),
            request_headers=models.JSONField(),
            status_code=models.PositiveSmallIntegerField(blank=True, null=True),
            response_body=models.TextField(blank=True),
            error=models.TextField(blank=True),
            duration_ms=models.PositiveIntegerField(),
            attempted_at=models.DateTimeField(),
            next_attempt_at=models.DateTimeField(blank=True, null=True),
            delivery=ForeignKey(
                "posts.webhookdelivery", DO_NOTHING, db_constraint=False, related_name="log"
            ),
        ),
        table(
            "OAuthClient",
            index("oauth_client_created", "created_at"),
            id=UUID,
            name=models.CharField(max_length=100),
            redirect_uris=ArrayField(models.CharField(max_length=2000)),
            method=models.CharField(
                max_length=20,
                choices=[
                    ("none", "None"),
                    ("client_secret_post", "Post"),
                    ("client_secret_basic", "Basic"),
                ],
            ),
            secret_hash=models.CharField(max_length=64, blank=True),
            address=models.CharField(max_length=45, blank=True),
            created_at=models.DateTimeField(),
            connected_at=models.DateTimeField(blank=True, null=True),
            revoked_at=models.DateTimeField(blank=True, null=True),
            options={"verbose_name": "OAuth client"},
        ),
        table(
            "OAuthGrant",
            index("oauth_grant_created", "created_at"),
            id=UUID,
            scopes=ArrayField(models.CharField(max_length=10)),
            account_ids=ArrayField(models.BigIntegerField(), blank=True, default=list),
            resource=models.CharField(max_length=500),
            redirect_uri=models.CharField(max_length=2000),
            challenge=models.CharField(max_length=43),
            code_hash=models.CharField(max_length=64, unique=True),
            code_expires_at=models.DateTimeField(),
            code_used_at=models.DateTimeField(blank=True, null=True),
            created_at=models.DateTimeField(),
            ended_because=models.CharField(max_length=200, blank=True),
            api_key=OneToOneField(
                "posts.apikey", CASCADE, blank=True, null=True, related_name="oauth_grant"
            ),
            client=ForeignKey("posts.oauthclient", CASCADE, related_name="grants"),
            operator=ForeignKey(
                settings.AUTH_USER_MODEL, SET_NULL, blank=True, null=True, related_name="+"
            ),
            workspace=ForeignKey("posts.workspace", CASCADE, related_name="+"),
            options={"verbose_name": "connected agent"},
        ),
        table(
            "OAuthTokens",
            id=ID,
            access_hash=models.CharField(max_length=64, unique=True),
            access_expires_at=models.DateTimeField(),
            refresh_hash=models.CharField(max_length=64, unique=True),
            refresh_expires_at=models.DateTimeField(),
            used_at=models.DateTimeField(blank=True, null=True),
            grant=ForeignKey("posts.oauthgrant", CASCADE, related_name="tokens"),
        ),
        table(
            "DeviceLogin",
            id=UUID,
            state=choice("pending authorized denied used", default="pending"),
            device_hash=models.CharField(max_length=64, unique=True),
            user_code_hash=models.CharField(max_length=64, unique=True),
            client_name=models.CharField(max_length=100),
            address=models.CharField(max_length=45, blank=True),
            created_at=models.DateTimeField(),
            expires_at=models.DateTimeField(),
            polled_at=models.DateTimeField(blank=True, null=True),
            decided_at=models.DateTimeField(blank=True, null=True),
            name=models.CharField(max_length=200, blank=True),
            scopes=ArrayField(SCOPE, blank=True, default=list),
            account_ids=ArrayField(models.BigIntegerField(), blank=True, default=list),
            key_expires_at=models.DateTimeField(blank=True, null=True),
            api_key=ForeignKey("posts.apikey", SET_NULL, blank=True, null=True, related_name="+"),
            decided_by=ForeignKey(
                settings.AUTH_USER_MODEL, SET_NULL, blank=True, null=True, related_name="+"
            ),
            workspace=ForeignKey(
                "posts.workspace", CASCADE, blank=True, null=True, related_name="+"
            ),
        ),
        migrations.AlterField("apikey", "scopes", ArrayField(SCOPE)),
    ]
