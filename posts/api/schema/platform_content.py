"""`platform_content`, typed: each platform's post types and options."""

from functools import lru_cache

from platforms.registry import ADAPTERS
from posts.api.schema.examples import SCHEMAS, Json
from posts.api.serializers.platform_content import PLATFORM_ALIASES


@lru_cache(maxsize=1)
def components() -> Json:
    """The schemas PlatformContent, and per platform its content and its settings."""
    found: Json = {}
    for adapter in ADAPTERS.values():
        name = adapter.name.replace(" ", "")
        found[f"{name}Settings"] = {
            "type": "object",
            "additionalProperties": False,
            "description": f"{adapter.name}'s own options.",
            "properties": {option.name: option.schema() for option in adapter.options},
        }
        found[f"{name}Content"] = {
            "type": "object",
            "additionalProperties": False,
            "description": f"What differs on {adapter.name}.",
            "properties": {
                "content": {"type": "string", "description": "Replaces the post's text there."},
                **_kind_of_post(adapter.post_types),
                "settings": _described(f"{name}Settings", f"{adapter.name}'s own options."),
            },
        }
    found["PlatformContent"] = {
        "type": "object",
        "additionalProperties": False,
        "description": "What differs per platform; each part is optional.",
        "properties": {
            name: _described(
                f"{ADAPTERS[platform].name.replace(' ', '')}Content",
                f"What differs on {ADAPTERS[platform].name}.",
            )
            for name, platform in ({key: key for key in ADAPTERS} | PLATFORM_ALIASES).items()
        },
    }
    return found


def _kind_of_post(words: tuple[str, ...]) -> Json:
    if not words:
        return {}
    text = "The post type; default: the one that suits the files."
    return {"contentType": {"type": "string", "enum": list(words), "description": text}}


def _described(component: str, text: str) -> Json:
    # OpenAPI 3.0 ignores what stands beside a $ref.
    return {"allOf": [{"$ref": f"{SCHEMAS}{component}"}], "description": text}
