"""The tables of workspaces, keys, posts, media and webhooks. No rules here."""

from posts.models.access.api_key import ApiKey
from posts.models.access.api_request import ApiRequest
from posts.models.access.device_login import DeviceLogin
from posts.models.access.idempotency_record import IdempotencyRecord
from posts.models.access.oauth import OAuthClient, OAuthGrant, OAuthTokens
from posts.models.analytics.ai_use import AiUse
from posts.models.analytics.engagement import (
    AccountEngagement,
    Engagement,
    EngagementProgress,
    EngagementReading,
    EngagementTally,
    FollowersReading,
)
from posts.models.analytics.tallies import CountedPost, DeletedPost, PostTally, TallyProgress
from posts.models.media.media import Media
from posts.models.media.media_job import Fetch, MediaJob, Variant
from posts.models.media.stored_file import StoredFile
from posts.models.planning.calendar_feed import CalendarFeed, RemovedEvent
from posts.models.planning.feed import Feed, FeedItem
from posts.models.planning.importing import Import, ImportedRow, ImportFile, ImportRow
from posts.models.planning.posting_queue import PostingQueue
from posts.models.planning.repeating import (
    Occurrence,
    Recurrence,
    RecycledPost,
    Recycling,
    Repeating,
)
from posts.models.posts.approval import UNAPPROVED, Approval, ApprovalEvent, ShareLink
from posts.models.posts.campaign import Campaign
from posts.models.posts.hashtag_set import HashtagSet
from posts.models.posts.link import LinkClicks, LinkSettings, PostShortening, ShortLink
from posts.models.posts.post import Post, PostMedia
from posts.models.posts.post_text import PostText
from posts.models.webhooks.webhook import Webhook
from posts.models.webhooks.webhook_delivery import WebhookAttempt, WebhookDelivery, WebhookTotal
from posts.models.webhooks.webhook_event import WebhookEvent
from posts.models.workspace import Workspace

__all__ = [
    "UNAPPROVED",
    "AccountEngagement",
    "AiUse",
    "ApiKey",
    "ApiRequest",
    "Approval",
    "ApprovalEvent",
    "CalendarFeed",
    "Campaign",
    "CountedPost",
    "DeletedPost",
    "DeviceLogin",
    "Engagement",
    "EngagementProgress",
    "EngagementReading",
    "EngagementTally",
    "Feed",
    "FeedItem",
    "Fetch",
    "FollowersReading",
    "HashtagSet",
    "IdempotencyRecord",
    "Import",
    "ImportFile",
    "ImportRow",
    "ImportedRow",
    "LinkClicks",
    "LinkSettings",
    "Media",
    "MediaJob",
    "OAuthClient",
    "OAuthGrant",
    "OAuthTokens",
    "Occurrence",
    "Post",
    "PostMedia",
    "PostShortening",
    "PostTally",
    "PostText",
    "PostingQueue",
    "Recurrence",
    "RecycledPost",
    "Recycling",
    "RemovedEvent",
    "Repeating",
    "ShareLink",
    "ShortLink",
    "StoredFile",
    "TallyProgress",
    "Variant",
    "Webhook",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEvent",
    "WebhookTotal",
    "Workspace",
]
