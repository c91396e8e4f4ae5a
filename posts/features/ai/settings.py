"""What the settings say of the AI provider. Imports nothing: the settings import it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Provider:
    """Where the provider is, and which of its models are used. Without `base_url` there is none.

    `image_models` gives the provider's model for a model of our API; others use `image_model`.
    `image_sizes` gives the size to ask for, by aspect ratio; others are asked for as a square.
    """

    base_url: str = ""
    api_key: str = field(default="", repr=False)
    text_model: str = ""
    image_model: str = ""
    image_models: Mapping[str, str] = field(default_factory=dict)
    image_sizes: Mapping[str, str] = field(default_factory=dict)
