"""Settings of drf-spectacular; config/settings.py adds what belongs to one installation."""

from posts.api.schema import introduction

SETTINGS = {
    "TITLE": "Dovecote",
    "DESCRIPTION": introduction.DESCRIPTION,
    "TAGS": introduction.TAGS,
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
