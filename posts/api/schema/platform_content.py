"""`platform_content`, typed: each platform's post types and options."""

from functools import lru_cache

from platforms.registry import ADAPTERS, ALIASES
from posts.api.schema.examples import SCHEMAS, Json


@lru_cache(maxsize=1)
def components() -> Json:
    """The schemas PlatformContent, and per platform its content and its settings."""
    found: Json = {}
    parts: Json = {}
    for key, adapter in ADAPTERS.items():
        name = adapter.name.replace(" ", "")
        options = {option.name: option.schema() for option in adapter.options}
        of_options = f"{adapter.name}'s own options."
        content: Json = {
            "content": {"type": "string", "description": "Replaces the post's text there."}
        }
        if words := list(adapter.post_types):
            text = "The post type; default: the one that suits the files."
            content["contentType"] = {"type": "string", "enum": words, "description": text}
        content["settings"] = _described(f"{name}Settings", of_options)
        of_content = f"What differs on {adapter.name}."
        found[f"{name}Settings"] = _object(of_options, options)
        found[f"{name}Content"] = _object(of_content, content)
        parts[key] = _described(f"{name}Content", of_content)
    parts |= {alias: parts[key] for alias, key in ALIASES.items()}
    found["PlatformContent"] = _object("What differs per platform; each part is optional.", parts)
    return found


def _object(text: str, properties: Json) -> Json:
    closed = {"type": "object", "additionalProperties": False}
    return {**closed, "description": text, "properties": properties}


def _described(component: str, text: str) -> Json:
    # OpenAPI 3.0 ignores what stands beside a $ref.
    return {"allOf": [{"$ref": f"{SCHEMAS}{component}"}], "description": text}
