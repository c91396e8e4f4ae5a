"""The tables of workspaces, keys, posts and media. No rules here."""

from posts.models.api_key import ApiKey
from posts.models.idempotency_record import IdempotencyRecord
from posts.models.media import Media
from posts.models.media_job import Fetch, MediaJob, Variant
from posts.models.post import Post, PostMedia
from posts.models.post_text import PostText
from posts.models.stored_file import StoredFile
from posts.models.workspace import Workspace

__all__ = [
    "ApiKey",
    "Fetch",
    "IdempotencyRecord",
    "Media",
    "MediaJob",
    "Post",
    "PostMedia",
    "PostText",
    "StoredFile",
    "Variant",
    "Workspace",
]
