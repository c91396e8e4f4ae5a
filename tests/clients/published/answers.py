"""What each answer of the compatibility mount has, field by field (see shape.py for the words)."""

from platforms.registry import ADAPTERS

PLATFORMS = tuple(ADAPTERS)
POST_STATUS = ("draft", "scheduled", "publishing", "published", "partially_failed", "failed")
DESTINATION_STATUS = ("queued", "publishing", "published", "failed")
MEDIA_STATUS = ("uploading", "processing", "ready", "failed")
MEDIA_TYPE = ("image", "video", "document")
PAGE = {"limit": "int", "offset": "int", "total": "int", "has_more": "bool"}

# Accounts

HEALTH = {
    "status": ("healthy", "rate_limited", "expired", "unhealthy"),
    "can_post": "bool",
    "message": "text?",
}
ACCOUNT = {
    "id": "int",
    "account_id": "=id",
    "platform": PLATFORMS,
    "platform_user_id": "text",
    "platform_account_id": "=platform_user_id",
    "platform_username": "text",
    "account_name": "text",
    "display_name": "text",
    "avatar_url": "url?",
    "is_active": "bool",
    "created_at": "time",
    "health": HEALTH,
}
ACCOUNTS = {"accounts": [ACCOUNT], "account_ids": ["int"], "total": "int"}
ACCOUNT_HEALTH = {
    "account_id": "int",
    "platform": PLATFORMS,
    "account_name": "text",
    "platform_account_id": "text",
    "status": ("healthy", "warning", "broken"),
    "can_post": "bool",
    "reasons": ["text"],
    "is_active": "bool",
    "needs_reconnection": "bool",
    "needs_reconnection_since": "time?",
    "token": {
        "expires_at": "time?",
        "last_refresh": "time?",
        "expired": "bool",
        "expiring_soon": "bool",
    },
    "activity": {
        "last_published_at": "time?",
        "failures_last_7d": "int",
        "permanent_failures_last_7d": "int",
        "queued_count": "int",
    },
    "connected_at": "time?",
}
LINK = {"url": "url", "expires_at": "time", "platform": PLATFORMS}

# Posts

RESULT = {
    "id": "text",
    "platform": PLATFORMS,
    "status": DESTINATION_STATUS,
    "account_id": "int",
    "social_account_id": "=account_id",
    "account_name": "text",
    "published_at": "time?",
    "platform_post_id": "text?",
    "platform_post_url": "url?",
    "error": "text?",
    "last_error": "=error",
    "attempts": "int",
    "next_retry_at": "time?",
}
DESTINATION = {**RESULT, "scheduled_for": "time?"}
#: What may be posted back as it is.
ROUND_TRIP = {
    "content": "str",
    "account_ids": ["int"],
    "scheduled_for": "time?",
    "timezone": "text",
    "media_ids": ["uuid"],
    "platform_content": "object",
}
POST = {
    **ROUND_TRIP,
    "id": "uuid",
    "post_id": "=id",
    "status": POST_STATUS,
    "post_status": "=status",
    "campaign_id": "int?",
    "media": [{"id": "uuid", "type": MEDIA_TYPE, "url": "url"}],
    "destinations": [DESTINATION],
    "created_at": "time",
    "updated_at": "time",
}
POSTS = {"posts": [POST], "pagination": PAGE, "total": "int", "limit": "int", "offset": "int"}
CREATED = {
    **ROUND_TRIP,
    "post_id": "uuid",
    "id": "=post_id",
    "post_group_id": "=post_id",
    "status": ("scheduled", "publishing"),
    "post_status": "=status",
    "accounts_count": "int",
    "destinations": "=accounts_count",
    "message": "text",
    "campaign_id": "int?",
    "created_at": "time",
    "updated_at": "time",
    "results": [RESULT],
}
DRAFT = {
    "post_id": "uuid",
    "id": "=post_id",
    "status": ("draft",),
    "scheduled_for": "time?",
    "message": "text",
    "next_steps": {"review": "text", "publish": "text"},
}
SCHEDULED = {
    "post_id": "uuid",
    "status": ("scheduled", "publishing"),
    "scheduled_for": "time?",
    "publish_now": "bool",
    "destinations": [{"account_id": "int", "platform": PLATFORMS, "status": DESTINATION_STATUS}],
    "message": "text",
}
RESULTS = {
    "post_id": "uuid",
    "post_status": POST_STATUS,
    "content": "str",
    "scheduled_for": "time?",
    "results": [RESULT],
}
DELETED_COPY = {
    "destination_id": "text",
    "platform": PLATFORMS,
    "status": ("deleted", "already_gone", "deleting", "not_supported", "failed"),
    "error": "text?",
}
DELETED_POST = {
    "id": "uuid",
    "post_id": "=id",
    "deleted": "bool",
    "message": "text",
    "platforms": [DELETED_COPY],
}
RETRIED = {
    "post_id": "uuid",
    "retried_count": "int",
    "retried": "=retried_count",
    "message": "text",
    "next_step": "text",
    "destinations": [
        {"id": "text", "platform": PLATFORMS, "new_status": ("queued",), "status": "=new_status"}
    ],
}
RETRIED_FAILED = {
    "retried_count": "int",
    "message": "text",
    "destinations": [
        {
            "destination_id": "text",
            "post_id": "uuid",
            "platform": PLATFORMS,
            "new_status": ("queued",),
        }
    ],
}
BULK_ERROR = {"code": "text", "message": "text", "status": "int"}
BULK = {
    "summary": {"total": "int", "succeeded": "int", "failed": "int"},
    "results": [{"index": "int", "ok": "bool", "post?": CREATED, "error?": BULK_ERROR}],
}

# Media

UPLOAD = {
    "media_id": "uuid",
    "media_ids": ["uuid"],
    "upload_url": "url",
    "upload_method": {"method": ("PUT",), "content_type": "text", "field_name": (None,)},
    "provider": "text",
    "protocol": "text",
    "expires_in": "int",
    "max_size": "int",
    "next_step": "text",
}
FILE = {
    "id": "uuid",
    "media_id": "=id",
    "status": MEDIA_STATUS,
    "type": MEDIA_TYPE,
    "filename": "text",
    "content_type": "text",
    "size": "int",
    "width": "int?",
    "height": "int?",
    "duration": "number?",
    "url": "url?",
    "thumbnail_url": "url?",
    "created_at": "time",
}
COMPLETED = {**FILE, "media_ids": ["uuid"], "message": "text"}
MEDIA = {
    **FILE,
    "media_type": "=type",
    "upload_status": "=status",
    "media_status": "=status",
    "mime_type": "=content_type",
    "file_size": "=size",
    "original_name": "=filename",
    "error_message": "text?",
    "dimensions": {"width": "int?", "height": "int?"},
    "aspect_ratio": "number?",
    "orientation": ("square", "landscape", "portrait", None),
}
MEDIA_LIST = {
    "media": [MEDIA],
    "items": "=media",
    "media_ids": ["uuid"],
    "pagination": PAGE,
    "total": "int",
}
FETCHED = {
    "media_id": "uuid",
    "media_ids": ["uuid"],
    "media_status": ("uploading", "ready"),
    "type": (*MEDIA_TYPE, None),
    "url": "url?",
    "filename": "text",
    "size": "int?",
    "content_type": "text?",
    "source_url": "url",
    "next_step": "text",
}
DELETED_MEDIA = {"id": "uuid", "media_id": "=id", "deleted": (True,), "message": "text"}

# Campaigns, analytics, webhooks, AI

CAMPAIGN = {
    "id": "int",
    "name": "text",
    "description": "text?",
    "color": "color",
    "status": ("active", "archived"),
    "post_count": "int",
    "created_at": "time",
    "updated_at": "time",
}
CAMPAIGNS = {"campaigns": [CAMPAIGN], "pagination": PAGE}
DELETED_CAMPAIGN = {"id": "int", "deleted": (True,)}
SUMMARY = {
    "period": ("today", "week", "month", "all", "custom"),
    "range": {"from": "time?", "to": "time"},
    "posts": dict.fromkeys(("total", *POST_STATUS), "int"),
    "by_platform": [
        {
            "platform": PLATFORMS,
            **dict.fromkeys(("total", "scheduled", "published", "failed"), "int"),
        }
    ],
    "metrics": dict.fromkeys(
        ("views", "likes", "comments", "shares", "impressions", "clicks"), "int"
    ),
    "ai_credits": {"used_this_period": "int", "bonus": "int"},
}
WEBHOOK = {
    "id": "uuid",
    "url": "url",
    "events": ["text"],
    "name": "text?",
    "description": "text?",
    "is_active": "bool",
    "consecutive_failures": "int",
    **dict.fromkeys(("auto_disabled_at", "last_delivery_at"), "time?"),
    **dict.fromkeys(("last_success_at", "last_failure_at"), "time?"),
    "created_at": "time",
    "updated_at": "time",
}
WEBHOOKS = {"webhooks": [WEBHOOK]}
NEW_WEBHOOK = {**WEBHOOK, "secret": "secret", "secret_warning": "text"}
DELETED_WEBHOOK = {"id": "uuid", "deleted": (True,)}
TESTED_WEBHOOK = {
    "ok": "bool",
    "status": "int",
    "duration_ms": "int",
    "error": "text?",
    "message": "text",
}
EVENT = {
    "event": ("post.published",),
    "event_id": "uuid",
    "created_at": "instant",
    "organization_id": "uuid",
    "data": {
        "post_id": "uuid",
        "destination_id": "uuid",
        "platform": PLATFORMS,
        "account_id": "int",
        "account_name": "text",
        "published_at": "time",
        "platform_post_url": "url",
        "platform_post_id": "text",
        "attempts": "int",
    },
}
RATIOS = ("1:1", "16:9", "9:16", "4:3", "3:4", "4:5", "5:4")
IMAGE = {
    "media_id": "uuid",
    "model": ("nano-banana-pro", "ideogram-v2", "gemini-3-pro", "flux-schnell"),
    "aspect_ratio": RATIOS,
    "credits_used": "int",
    "credits_remaining": "int",
    "message": "text",
}
CAPTIONS = {
    "captions": ["text"],
    "platform": (*PLATFORMS, None),
    "tone": ("professional", "casual", "witty", "enthusiastic", "urgent", "inspirational"),
    "length": ("short", "medium", "long"),
    "count_requested": "int",
    "count_returned": "int",
    "credits_used": "int",
    "credits_remaining": "int",
}

# The key, and rules

SCOPES = [("read", "write", "ai")]
ME = {
    "api_key": {
        "id": "uuid",
        "key_prefix": "text",
        "name": "text",
        "scopes": SCOPES,
        "last_used_at": "time?",
        "created_at": "time",
        "expires_at": "time?",
    },
    "scopes": SCOPES,
    "user": {"id": "int", "email": "str", "name": "text"},
    "organization": {
        "id": "uuid",
        "name": "text",
        "subscription_plan": "text",
        "subscription_status": "text",
        "subscription_source": "text?",
        "trial_end": "time?",
        "current_period_end": "time?",
        "cancel_at_period_end": "bool",
        "entitled": (True,),
    },
    "workspace": {"id": "uuid", "name": "text"},
    "quota": {
        "accounts": {"used": "int", "limit": "int?"},
        "ai_credits": {"used": "int", "limit": "int?", "bonus": "int"},
        "storage_bytes": {"used": "int", "limit": "int?"},
        "team_seats": {"limit": "int?"},
    },
    "stats": {"posts_last_30d": "int", "total_posts": "int"},
}
RULE = {
    "characterLimit": "int",
    "media": {"image": "object?", "video": "object?"},
    "features": ["text"],
}
RULES = {"platforms": dict.fromkeys(PLATFORMS, RULE)}

# Logging in and connecting from a terminal

DEVICE = {
    "status": ("pending",),
    "user_code": "code",
    "verification_uri": "url",
    "verification_uri_complete": "url",
    "device_code": "text",
}
AUTHORIZED = {"status": ("authorized",), "email": "str", "organization_id": "uuid"}
CONNECTING = {"status": ("pending",), "session_id": "text", "authorize_url": "url"}
CONNECTED = {
    "status": ("completed",),
    "account": {"id": "int", "platform": PLATFORMS, "account_name": "text"},
}
