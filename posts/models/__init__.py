"""The tables of workspaces, keys, posts and media, without rules. Features have their own."""

from posts.models.api_key import ApiKey
from posts.models.campaign import Campaign
from posts.models.device_login import DeviceLogin
from posts.models.idempotency_record import IdempotencyRecord
from posts.models.media import Media
from posts.models.media_job import Fetch, MediaJob, Variant
from posts.models.oauth import OAuthClient, OAuthGrant, OAuthTokens
from posts.models.post import Post, PostMedia, PostText, Written
from posts.models.posting_queue import PostingQueue
from posts.models.stored_file import StoredFile
from posts.models.workspace import Workspace

__all__ = [
    "ApiKey",
    "Campaign",
    "DeviceLogin",
    "Fetch",
    "IdempotencyRecord",
    "Media",
    "MediaJob",
    "OAuthClient",
    "OAuthGrant",
    "OAuthTokens",
    "Post",
    "PostMedia",
    "PostText",
    "PostingQueue",
    "StoredFile",
    "Variant",
    "Workspace",
    "Written",
]
