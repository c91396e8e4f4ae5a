"""Add previews to pages of posts."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from destinations.models import Destination
from posts.admin.parts import PostPart, Section
from posts.features.preview import render
from posts.features.preview.render import Seen
from posts.models import Media, Post


class PreviewPart(PostPart):
    sections = (Section(10, "posts/preview/section.html"),)

    def context(
        self, request: HttpRequest, post: Post, shown: Sequence[Destination]
    ) -> dict[str, Any]:
        return {"previews": render.previews(shown, _addresses)}


def _addresses(media: Media) -> Seen:
    """Thumbnails only: the original is never shown to operators."""
    return Seen(picture_url=reverse("admin:posts_media_preview", args=[media.pk]))


HOOKS = (PreviewPart(),)
