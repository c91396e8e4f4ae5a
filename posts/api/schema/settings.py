"""Settings of drf-spectacular; config/settings.py adds what belongs to one installation."""

DESCRIPTION = """
One request publishes a post to many social accounts. Each account is a separate destination, with
its own status, retries and result.

Send `Authorization: Bearer pe_live_…` with every call. Every answer is `{"data", "meta"}`, every
error `{"data": null, "error", "meta"}` with a stable `error.code`; `error.retryable` says whether
the same request may succeed later. Times are UTC. Unknown fields are refused.
"""
_TAGS = {
    "accounts": "List connected accounts and their health; connect and repair them.",
    "me": "The calling key, its workspace and limits.",
    "media": "Upload files, or import them from URLs.",
    "platform-rules": "Limits and options of each network.",
    "posts": "Create, schedule, follow, retry and delete posts.",
}
SETTINGS = {
    "TITLE": "Dovecote",
    "DESCRIPTION": DESCRIPTION,
    "TAGS": [{"name": name, "description": text} for name, text in _TAGS.items()],
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
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "posts.api.schema.answers.add_components",
    ],
    "ENUM_NAME_OVERRIDES": {
        "PostStatus": ["draft", "scheduled", "publishing", "published", "partial", "failed"],
        "DestinationStatus": ["queued", "publishing", "published", "failed"],
        "NewStatus": ["queued"],
        "MediaStatus": ["uploading", "ready", "failed"],
        "AccountHealth": ["healthy", "rate_limited", "expired", "unhealthy"],
        "HealthStatus": ["healthy", "warning", "broken"],
    },
}
