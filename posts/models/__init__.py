"""The tables of workspaces, keys, posts, media and webhooks. No rules here."""

from posts.models.ai_use import AiUse
from posts.models.analytics import CountedPost, DeletedPost, PostTally, TallyProgress
from posts.models.api_key import ApiKey
from posts.models.api_request import ApiRequest
from posts.models.approval import UNAPPROVED, Approval, ApprovalEvent, ShareLink
from posts.models.calendar_feed import CalendarFeed, RemovedEvent
from posts.models.campaign import Campaign
from posts.models.device_login import DeviceLogin
from posts.models.engagement import (
    AccountEngagement,
    Engagement,
    EngagementProgress,
    EngagementReading,
    EngagementTally,
    FollowersReading,
)
from posts.models.feed import Feed, FeedItem
from posts.models.hashtag_set import HashtagSet
from posts.models.idempotency_record import IdempotencyRecord
from posts.models.importing import Import, ImportedRow, ImportFile, ImportRow
from posts.models.link import LinkClicks, LinkSettings, PostShortening, ShortLink
from posts.models.media import Media
from posts.models.media_job import Fetch, MediaJob, Variant
from posts.models.oauth import OAuthClient, OAuthGrant, OAuthTokens
from posts.models.post import Post, PostMedia
from posts.models.post_text import PostText
from posts.models.posting_queue import PostingQueue
from posts.models.repeating import Occurrence, Recurrence, RecycledPost, Recycling, Repeating
from posts.models.stored_file import StoredFile
from posts.models.webhook import Webhook
from posts.models.webhook_delivery import WebhookAttempt, WebhookDelivery, WebhookTotal
from posts.models.webhook_event import WebhookEvent
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
