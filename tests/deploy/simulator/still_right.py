"""What is dropped, doubled or changed in a request, and yet right: the networks document it so."""

import re
from dataclasses import dataclass

from tests.deploy.simulator.wrong_requests import Wrong


@dataclass(frozen=True)
class Right:
    """The source of a network that takes requests without these places, or with others there."""

    network: str
    #: Matches the call.
    call: str
    #: Such as `drop body`; several words of one kind by `|`.
    what: str
    #: Names that it is true of, between spaces; each may be a pattern.
    names: str
    source: str

    def fits(self, wrong: Wrong) -> bool:
        how, _, kind = self.what.partition(" ")
        names = "|".join(self.names.split())
        said, wanted = f"{wrong.how} {wrong.place}", rf"({how}) {kind}( ({names}))?"
        return bool(re.fullmatch(self.call, wrong.call) and re.fullmatch(wanted, said))


_GRAPH = "Graph API, Using the Graph API"
_PROOF = "Graph API, Secure Requests: required once the app says so"
_LEXICON = "github.com/bluesky-social/atproto, lexicons"
_MASTODON = "docs.joinmastodon.org/methods"
_WORDPRESS = "developer.wordpress.org/rest-api"
_DISCORD = "github.com/discord/discord-api-spec"
_OPENAPI, _DISCOVERY = "X API v2 OpenAPI 2.167", "YouTube Data API discovery document 20261104"

STILL_RIGHT = (
    Right(
        "x",
        "POST api.x.com/2/tweets",
        "drop body",
        "text media reply reply_settings made_with_ai paid_partnership",
        f"{_OPENAPI}: no property is required; a text or a file is enough",
    ),
    Right(
        "x",
        "GET api.x.com/2/.*",
        "drop query",
        "expansions exclude max_results since_id until_id post.fields user.fields",
        f"{_OPENAPI}: of these calls' parameters, ids alone is required",
    ),
    Right("x", "GET api.x.com/2/media/upload", "drop query", "command", f"{_OPENAPI}: optional"),
    Right("instagram", r"GET graph\..*", "drop query", "fields limit since", _GRAPH),
    Right("instagram", "GET graph.facebook.com/.*", "drop query", "appsecret_proof", _PROOF),
    Right(
        "instagram",
        r"POST graph\..*/media",
        "drop body",
        "alt_text audio_name caption collaborators is_ai_generated is_carousel_item location_id "
        "media_type share_to_feed thumb_offset trial_params",
        "Instagram Platform, IG User Media: optional; without media_type it is an image, without "
        "is_carousel_item a post of its own",
    ),
    Right(
        "instagram",
        r"POST graph\..*/media",
        "mistype body",
        "thumb_offset",
        f"{_GRAPH}: a number may be a text",
    ),
    Right(
        "instagram",
        r"POST rupload\..*",
        "drop|misspell header",
        "Content-Type",
        "Instagram Platform, Resumable Uploads: its headers are Authorization, offset, file_size",
    ),
    Right(
        "linkedin",
        "(GET|DELETE) api.linkedin.com/rest/(posts/.|organization.*)",
        "drop|misspell header",
        "X-RestLi-Method",
        "Rest.li protocol: GET with q is a FINDER and DELETE a DELETE without the header too",
    ),
    Right(
        "linkedin",
        "GET api.linkedin.com/rest/(organizationAcls|posts)",
        "drop query",
        "count start state sortBy",
        "Organization Access Control, Posts API: optional filters and paging",
    ),
    Right(
        "linkedin",
        "GET api.linkedin.com/rest/organizationalEntityShareStatistics",
        "drop query",
        "shares",
        "Organization Share Statistics: without it, the numbers of all posts together",
    ),
    Right(
        "linkedin",
        "POST api.linkedin.com/rest/posts",
        "drop body",
        r"content isReshareDisabledByAuthor distribution\.(targetEntities|third\w+) "
        r"content\.article\.(description|thumbnail|thumbnailAltText) "
        r"content\.media\.(altText|title) content\.multiImage\.images\.0\.altText",
        "Posts API, Post Schema: optional",
    ),
    Right(
        "linkedin",
        "PUT www.linkedin.com/dms-uploads/.*",
        "mistype body",
        "",
        "Images, Videos and Documents API: a file is judged after its upload, by its status",
    ),
    Right("facebook", r"GET graph\..*", "drop query", "fields limit since", _GRAPH),
    Right("facebook", "GET graph.facebook.com/.*", "drop query", "appsecret_proof", _PROOF),
    Right(
        "facebook",
        "GET graph.facebook.com/.*/insights",
        "drop query",
        "period",
        "Page Insights: lifetime is the only period of these metrics",
    ),
    Right(
        "facebook",
        "POST graph(-video)?.facebook.com/.*/(feed|photos|video(s|_reels))",
        "drop body",
        "attached_media link message published alt_text_custom description title is_ai_generated",
        "Page Feed, Photos, Videos, Video Reels: optional; one of message, link and attached_media "
        "is enough, and published is true if it is missing",
    ),
    Right(
        "facebook",
        r"POST rupload\..*",
        "drop|misspell header",
        "Content-Type",
        "Reels Publishing API: Authorization, offset and file_size are its headers",
    ),
    Right(
        "tiktok",
        "POST open.tiktokapis.com/v2/post/publish/(video|content)/init",
        "drop body",
        r"is_aigc post_info\.(is_aigc|title|description|video_cover_timestamp_ms)",
        "Content Posting API, Direct Post and Photo Post: optional",
    ),
    Right(
        "tiktok",
        "POST open.tiktokapis.com/v2/video/list",
        "drop body",
        "max_count",
        "Display API, List Videos: optional, 10 if it is missing",
    ),
    Right(
        "youtube",
        "GET www.googleapis.com/youtube/v3/playlistItems",
        "drop query",
        "maxResults",
        f"{_DISCOVERY}: optional",
    ),
    Right(
        "youtube",
        "(GET|POST) www.googleapis.com/.*",
        "double query",
        "part id",
        f"{_DISCOVERY}: part, and the ids of a list, may be repeated",
    ),
    Right(
        "youtube",
        "GET www.googleapis.com/youtube/v3/videos",
        "alter query",
        "id",
        "Data API, videos.list: ids that are not found are left out",
    ),
    Right(
        "youtube",
        "POST www.googleapis.com/upload/youtube/v3/videos",
        "drop query",
        "notifySubscribers",
        f"{_DISCOVERY}: optional",
    ),
    Right(
        "youtube",
        "POST www.googleapis.com/upload/youtube/v3/videos",
        "drop body",
        r"status status\.\w+ snippet\.(categoryId|defaultLanguage|description|tags)",
        f"{_DISCOVERY}: optional",
    ),
    Right(
        "youtube",
        "POST www.googleapis.com/upload/youtube/v3/videos",
        "drop|misspell header",
        "Slug",
        "Resumable Uploads: it names no such header",
    ),
    Right(
        "youtube",
        "PUT www.googleapis.com/upload/youtube/v3/videos",
        "drop|misspell header",
        "Content-Range Content-Type",
        "Resumable Uploads: a whole file needs no range, and its type was announced before",
    ),
    Right("threads", "GET graph.threads.net/v1.0/.*", "drop query", "fields limit since", _GRAPH),
    Right(
        "threads",
        "GET graph.threads.net/v1.0/debug_token",
        "alter query",
        "input_token",
        "Threads API, Debug Token: it says that the token is not valid",
    ),
    Right(
        "threads",
        "POST graph.threads.net/v1.0/me/threads",
        "drop body",
        "alt_text is_carousel_item link_attachment reply_control reply_to_id text topic_tag",
        "Threads API, Publishing: optional; without reply_to_id or is_carousel_item it is a post "
        "of its own",
    ),
    Right(
        "bluesky",
        "GET bsky.social/xrpc/app.bsky.*",
        "drop|misspell header",
        "atproto-proxy",
        "docs.bsky.app, API Hosts and Auth: a server forwards reads of the app without it too",
    ),
    Right(
        "bluesky",
        "GET bsky.social/xrpc/app.bsky.feed.getPosts",
        "double|alter query",
        "uris",
        f"{_LEXICON}, app.bsky.feed.getPosts: a list; posts that are not there are left out",
    ),
    Right(
        "bluesky",
        "GET bsky.social/xrpc/com.atproto.server.getServiceAuth",
        "drop query",
        "exp",
        f"{_LEXICON}, com.atproto.server.getServiceAuth: optional, a minute",
    ),
    Right(
        "bluesky",
        "POST bsky.social/xrpc/com.atproto.repo.applyWrites",
        "drop body",
        r"writes\.0\.rkey writes\.0\.value\.(embed|reply) "
        r"writes\.0\.value\.embed\.(.*\.)?(alt|aspectRatio)",
        f"{_LEXICON}, applyWrites, app.bsky.feed.post, app.bsky.embed.images and video: optional",
    ),
    Right(
        "mastodon",
        "GET mastodon.social/api/v1/accounts/.*/statuses",
        "drop query",
        "limit max_id",
        f"{_MASTODON}/accounts/#statuses: optional; 20 posts, the newest",
    ),
    Right(
        "mastodon",
        "POST mastodon.social/api/v1/statuses",
        "alter header",
        "Idempotency-Key",
        f"{_MASTODON}/statuses/#create: any string",
    ),
    Right(
        "mastodon",
        "POST mastodon.social/api/v1/statuses",
        "alter body",
        r"status spoiler_text poll\.options\.0",
        f"{_MASTODON}/statuses/#create: free texts",
    ),
    Right(
        "mastodon",
        "POST mastodon.social/api/v1/statuses",
        "drop body",
        r"in_reply_to_id language media_ids poll poll\.(hide_totals|multiple) "
        "quote_approval_policy quoted_status_id sensitive spoiler_text status visibility",
        f"{_MASTODON}/statuses/#create: optional; a text or a file is enough",
    ),
    Right(
        "mastodon",
        "POST mastodon.social/api/v2/media",
        "drop body",
        "description focus",
        f"{_MASTODON}/media/#v2: optional",
    ),
    Right(
        "wordpress",
        ".* blog.pigeons.example/wp-json.*",
        "drop query",
        "_fields context per_page post search",
        f"{_WORDPRESS}/using-the-rest-api/global-parameters/ and /reference/: optional",
    ),
    Right(
        "wordpress",
        "GET blog.pigeons.example/wp-json/wp/v2/(categories|tags)",
        "alter query",
        "search",
        f"{_WORDPRESS}/reference/tags/#list-tags: any text",
    ),
    Right(
        "wordpress",
        "GET blog.pigeons.example/wp-json/wp/v2/(categories|tags|comments|posts/.*)",
        "drop|misspell|alter header",
        "Authorization",
        "Anyone reads what is public; a wrong application password is ignored (6.8.12)",
    ),
    Right(
        "wordpress",
        "POST blog.pigeons.example/wp-json/wp/v2/(categories|tags)",
        "alter body",
        "name",
        f"{_WORDPRESS}/reference/tags/#create-a-tag: a free text",
    ),
    Right(
        "wordpress",
        "POST blog.pigeons.example/wp-json/wp/v2/posts(/.*)?",
        "alter body",
        "content excerpt slug title",
        f"{_WORDPRESS}/reference/posts/#create-a-post: free texts",
    ),
    Right(
        "wordpress",
        "POST blog.pigeons.example/wp-json/wp/v2/posts(/.*)?",
        "drop body",
        "categories content excerpt featured_media format slug status tags title",
        f"{_WORDPRESS}/reference/posts/#create-a-post: a title, a text or an excerpt is enough",
    ),
    Right(
        "wordpress",
        "POST blog.pigeons.example/wp-json/wp/v2/media",
        "drop body",
        "alt_text",
        f"{_WORDPRESS}/reference/media/#create-a-media-item: optional",
    ),
    Right(
        "telegram",
        "POST api.telegram.org/.*",
        "drop body",
        "allows_multiple_answers caption caption_entities disable_notification duration entities "
        "height link_preview_options(.is_disabled)? open_period protect_content reply_markup "
        "supports_streaming width",
        "Bot API 10.1, core.telegram.org/bots/api#available-methods: optional",
    ),
    Right(
        "discord",
        "GET discord.com/api/.*/(messages|threads/archived/public)",
        "drop query",
        "after limit",
        f"{_DISCORD}, list_messages, list_public_archived_threads: optional",
    ),
    Right(
        "discord",
        r"POST discord.com/api/.*/messages",
        "alter body",
        r"content nonce embeds\.0\.author\.name embeds\.0\.fields\.0\.(name|value)",
        f"{_DISCORD}, MessageCreateRequest: free texts",
    ),
    Right(
        "discord",
        r"POST discord.com/api/.*/messages",
        "drop body",
        r"allowed_mentions(\.parse)? content embeds nonce enforce_nonce flags "
        r"embeds\.0\.(author|color|description|fields|footer|image|thumbnail|title|url) "
        r"embeds\.0\.fields\.0\.inline poll\.(allow_multiselect|duration)",
        f"{_DISCORD}, MessageCreateRequest: optional; a text, an embed, a file or a poll is enough",
    ),
    Right(
        "discord",
        "POST discord.com/api/.*",
        "drop body",
        "payload_json",
        "docs.discord.com/developers/reference#uploading-files: files may come without it",
    ),
    Right(
        "discord",
        "POST discord.com/api/.*",
        "drop query",
        "wait",
        "docs.discord.com/developers/resources/webhook#execute-webhook: then the answer is a 204",
    ),
)
