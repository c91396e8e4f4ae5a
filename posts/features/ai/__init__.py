"""Captions and images by an AI provider, and the credits they cost. No HTTP of our own API here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Evidence, which no operator changes.
RIGHTS = {"posts.aiuse": ("view",)}


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider's address, and which of its models are used. Without `base_url` there is none.

    `image_models` gives the provider's model for a model of our API; others use `image_model`.
    `image_sizes` gives the size to ask for, by aspect ratio; others are asked for as a square.
    """

    base_url: str = ""
    api_key: str = field(default="", repr=False)
    text_model: str = ""
    image_model: str = ""
    image_models: Mapping[str, str] = field(default_factory=dict)
    image_sizes: Mapping[str, str] = field(default_factory=dict)


def read_settings(env: Any) -> dict[str, Any]:
    """Return the settings. `env`: config/env.py.

    AI_PROVIDER: of AI_BASE_URL and the models there. AI_CREDITS_PER_MONTH: what a workspace may
    spend per calendar month if it has no number of its own; 0: no limit.
    """
    sizes = "16:9=1536x1024,4:3=1536x1024,5:4=1536x1024,9:16=1024x1536,3:4=1024x1536,4:5=1024x1536"
    provider = Provider(
        base_url=env.text("AI_BASE_URL", "").rstrip("/"),
        api_key=env.secret("AI_API_KEY", ""),
        text_model=env.text("AI_TEXT_MODEL", ""),
        image_model=env.text("AI_IMAGE_MODEL", ""),
        image_models=env.pairs("AI_IMAGE_MODELS"),
        image_sizes=env.pairs("AI_IMAGE_SIZES", sizes),
    )
    return {
        "AI_PROVIDER": provider,
        "AI_CREDITS_PER_MONTH": env.number("AI_CREDITS_PER_MONTH", 0),
    }
