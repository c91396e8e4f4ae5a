"""Posts for the tests of the compatibility mount."""

from posts.models import Media, Post, PostMedia
from tests.posts.factories import make_media


def attach(post: Post) -> Media:
    """Give the post one file."""
    file = make_media(post.workspace)
    PostMedia.objects.create(post=post, media=file, position=0)
    return file
