"""The pages of webhooks and of what is delivered to them."""

from posts.features.webhooks.admin import webhook

__all__ = ["delivery", "webhook"]
