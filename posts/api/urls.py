"""The endpoints below `/api/v1`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from posts.api import paths
from posts.api.views import ai, analytics, platform_rules, webhooks
from posts.api.views.accounts import accounts, device_login, me, social_connect
from posts.api.views.media import media
from posts.api.views.planning import calendar_feeds, campaigns, feeds, hashtags, queues, recurrences
from posts.api.views.posts import approval, bulk, imports, links, posts, retries

paths.register()
router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("posts", posts.PostViewSet, basename="post")
router.register("posts", retries.RetryViewSet, basename="retry")
router.register("accounts", accounts.AccountViewSet, basename="account")
router.register("recurrences", recurrences.RecurrenceViewSet, basename="recurrence")
router.register("imports", imports.ImportViewSet, basename="import")
router.register("media", media.MediaViewSet, basename="media")

#: Endpoints of one shape, which the compatibility mount serves too.
shared = SimpleRouter(trailing_slash=False, use_regex_path=False)
shared.register("campaigns", campaigns.CampaignViewSet, basename="campaign")
shared.register("webhooks", webhooks.WebhookViewSet, basename="webhook")
shared.register("feeds", feeds.FeedViewSet, basename="feed")
shared.register("calendar-feeds", calendar_feeds.CalendarFeedViewSet, basename="calendar-feed")
shared.register("hashtag-sets", hashtags.HashtagSetViewSet, basename="hashtag-set")
shared.register("queues", queues.QueueViewSet, basename="queue")
SHARED = [
    path("ai/generate-caption", ai.GenerateCaption.as_view()),
    path("ai/generate-image", ai.GenerateImage.as_view()),
    path("analytics/summary", analytics.AnalyticsSummary.as_view()),
    path("post-defaults", hashtags.PostDefaults.as_view()),
    path("link-settings", links.LinkSettings.as_view()),
    path("campaigns/<campaign:campaign_id>/link-settings", links.CampaignLinkSettings.as_view()),
    path("posts/<post:post_id>/links", links.PostLinks.as_view()),
    path("posts/<post:post_id>/approval", approval.PostApproval.as_view()),
    path("posts/<post:post_id>/request-approval", approval.RequestApproval.as_view()),
    path("posts/<post:post_id>/approve", approval.Approve.as_view()),
    path("posts/<post:post_id>/request-changes", approval.RequestChanges.as_view()),
    path("posts/<post:post_id>/reject", approval.Reject.as_view()),
    path("posts/<post:post_id>/comments", approval.PostComments.as_view()),
    path("posts/<post:post_id>/share-links", approval.ShareLinks.as_view()),
    path("posts/<post:post_id>/share-links/<link:link_id>", approval.OneShareLink.as_view()),
    path("platform-rules", platform_rules.PlatformRules.as_view()),
    # Logging in from a terminal, without a key
    path("auth/device", device_login.StartDeviceLogin.as_view()),
    path("auth/device/token", device_login.AskDeviceLogin.as_view()),
    # Connecting an account from a terminal
    path("accounts/connect-credential", social_connect.ConnectCredential.as_view()),
    path("auth/social-connect/start", social_connect.StartConnect.as_view()),
    path("auth/social-connect/poll/<session:session_id>", social_connect.ConnectState.as_view()),
    *(
        path(f"auth/social-connect/{name}", social_connect.by_credentials(name).as_view())
        for name in ("bluesky", "telegram", "discord")
    ),
    *shared.urls,
]
urlpatterns = [
    path("me", me.Me.as_view()),
    path("posts/bulk", bulk.PostBulk.as_view()),
    path("posts/export", imports.PostExport.as_view()),
    path("posts/import", imports.PostImport.as_view()),
    path("queue", queues.DefaultQueue.as_view()),
    *SHARED,
    *router.urls,
]
