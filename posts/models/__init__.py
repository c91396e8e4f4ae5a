"""The tables of workspaces, keys, posts and media, without rules. Features have their own."""

from posts.models.api_key import ApiKey, DeviceLogin, IdempotencyRecord
from posts.models.media import Fetch, Media, MediaJob, StoredFile, Variant
from posts.models.oauth import OAuthClient, OAuthGrant, OAuthTokens
from posts.models.post import Post, PostMedia, PostText, Written
from posts.models.workspace import Campaign, PostingQueue, Workspace

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
