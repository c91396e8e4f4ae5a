"""Settings of drf-spectacular; config/settings.py adds what belongs to one installation."""

from platforms.registry import ADAPTERS, ALIASES
from posts.outbox import names

DESCRIPTION = """
One request publishes a post to many social accounts. Each account is a separate destination, with
its own status, retries and result.

Send `Authorization: Bearer pe_live_…` with every call. Every answer is `{"data", "meta"}`, every
error `{"data": null, "error", "meta"}` with a stable `error.code`; `error.retryable` says whether
the same request may succeed later. Times are UTC. Unknown fields are refused.
"""
_TAGS = {
    "accounts": "List connected accounts and their health; connect and repair them.",
    "ai": "Write captions and draw images.",
    "auth": "Log in and connect accounts from a terminal.",
    "calendar-feeds": "Addresses at which calendar programs read posts.",
    "queue": "The posting queue that is asked for most.",
    "queues": "Weekly schedules, whose free slots posts take.",
    "analytics": "Counts of posts and destinations.",
    "campaigns": "Collect posts under names.",
    "feeds": "RSS and Atom feeds whose new items become posts.",
    "hashtag-sets": "Hashtags under a name, which posts take together.",
    "post-defaults": "Hashtags and a first comment for posts that name none.",
    "link-settings": "UTM parameters and short links.",
    "incidents": "Networks that are down, and were.",
    "imports": "Files of posts that workers import.",
    "me": "The calling key, its workspace and limits.",
    "media": "Upload files, or import them from URLs.",
    "recurrences": "Rules by which posts are made again and again.",
    "platform-rules": "Limits and options of each network.",
    "webhooks": "Have events sent to an address of yours; see what was delivered.",
    "posts": "Create, schedule, follow, retry and delete posts.",
}
SETTINGS = {
    "TITLE": "Dovecote",
    "DESCRIPTION": DESCRIPTION,
    "TAGS": [{"name": name, "description": text} for name, text in _TAGS.items()],
    "CONTACT": {"name": "The operator of this installation"},
    "LICENSE": {"name": "Apache 2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "OAS_VERSION": "3.0.3",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "SCHEMA_PATH_PREFIX": "(?:/compat)?/api/v1",
    # Each mount has a document of its own, which `make check` validates; both in one would collide.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "posts.api.schema.answers.add_components",
    ],
    "ENUM_NAME_OVERRIDES": {
        "PostStatus": ["draft", "scheduled", "publishing", "published", "partial", "failed"],
        "CompatPostStatus": [
            "draft",
            "scheduled",
            "publishing",
            "published",
            "partially_failed",
            "failed",
        ],
        "DestinationStatus": ["queued", "publishing", "published", "failed"],
        "DeliveryStatus": ["waiting", "success", "failed"],
        "WebhookEvent": names.every,
        "CampaignStatus": ["active", "archived"],
        "ImportStatus": ["processing", "completed", "cancelled", "stopped"],
        "RecurrenceStatus": ["active", "paused", "ended"],
        "OccurrenceStatus": ["planned", "made", "deleted", "missed"],
        "NewStatus": ["queued"],
        "ApprovalStatus": ["none", "pending", "approved", "changes_requested", "rejected"],
        "ApprovalStage": ["internal", "client"],
        "ShareLinkState": ["active", "expired", "revoked"],
        "FeedMode": ["draft", "schedule", "publish", "queue"],
        "MediaStatus": ["uploading", "ready", "failed"],
        "PlatformEnum": [*ADAPTERS, *ALIASES],
        "TypeEnum": ["image", "video", "document"],
        "AccountHealth": ["healthy", "rate_limited", "expired", "unhealthy"],
        "HealthStatus": ["healthy", "warning", "broken"],
    },
}
