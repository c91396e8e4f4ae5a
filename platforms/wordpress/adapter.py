"""WordPress posts, on any site of its REST API: a title and a text with pictures and videos.

`platform_account_id` is the user's id on the site, an @, and the site's address without `https://`;
`username` the name that the user logs in with. A post's id is the site's own.

Source: https://developer.wordpress.org/rest-api/reference/posts/ (read 2026-11-30).
"""

import re
from collections.abc import Mapping, Sequence

from platforms.adapter import Adapter
from platforms.drafts import Credentials, Draft
from platforms.errors import Unsupported
from platforms.http.client import Client
from platforms.http.foreign.stated import as_count
from platforms.limits import ImageRule, Limits, VideoRule
from platforms.metrics import Metrics
from platforms.outcomes import Removal
from platforms.policy.options import Choice, FlagOrChoice, String, Strings, StringsOrNumbers
from platforms.policy.retry import RetryPolicy
from platforms.text import is_blank
from platforms.wordpress import errors, post, preview, text
from platforms.wordpress.login import ApplicationPasswordLogin
from platforms.wordpress.site import NOT_FOUND, Site

#: Source: https://developer.wordpress.org/advanced-administration/wordpress/post-formats/ (read
#: 2026-11-30). The API takes each, whether or not the theme shows it.
FORMATS = (
    *("standard", "aside", "chat", "gallery", "link", "image", "quote", "status", "video"),
    "audio",
)
TRASHED, NO_TRASH = 410, 501
ALT_TEXT_CHARS = 2000


class WordPress(Adapter):
    key = "wordpress"
    name = "WordPress"
    origin = "https://wordpress.com"
    has_one_server = False
    logins = {"wordpress": ApplicationPasswordLogin()}
    link_id = re.compile(r"[?&](?:p|post)=([0-9]{1,20})(?![0-9])")
    links_hold_ids = False
    service_defaults = {"textFormat": "markdown", "featuredImage": "first"}
    features = ("alt_text",)
    options = (
        String("title", "The title, as text.", 500),
        String("excerpt", "What lists of posts show instead of the text's beginning.", 5000),
        String("slug", "The name in the post's link; made of the title if it is missing.", 200),
        StringsOrNumbers(
            "categories",
            "Names of categories, and numbers that the site has. One whose name it does not have "
            "is created, if the user may.",
            max_items=20,
            max_chars=200,
        ),
        Strings(
            "tags",
            "Names of tags. One that the site does not have is created, if the user may.",
            max_items=30,
            max_chars=200,
        ),
        Choice("format", "The post's format, which a theme may show in its own way.", FORMATS),
        Choice(
            "textFormat",
            "How the text is written: as it is to be read, in Markdown, or in HTML, which is "
            "sanitised. In the last two media:1 in the place of an image's address is the first "
            "file, image:1 the first image; files that the text does not name follow it. Kept of "
            "the HTML's comments are more, nextpage, noteaser and the delimiters of blocks.",
            text.TEXT_FORMATS,
        ),
        FlagOrChoice(
            "featuredImage",
            "The featured image, beside the text. True: the first file; first: the first image, if "
            "there is one; false or none: no file.",
            text.FEATURED,
        ),
        Choice(
            "status",
            "Who sees the post: everyone; no one, until it is published on the site; no one, until "
            "it is reviewed there; those who may read the site's private posts.",
            (post.PUBLIC, post.DRAFT, post.PENDING, "private"),
        ),
    )
    # A post is read by its id, so one lookup tells.
    retry = RetryPolicy(find_delays_seconds=(1, 15, 60))
    deletes = True
    #: Sites take a video in one request, and make smaller pictures of an image in it.
    deadline_seconds = 150
    metrics_batch = 1
    # Sites differ, and do not say what they take: these are what most do.
    limits = Limits(
        text_chars=200_000,
        media_items=20,
        image=ImageRule(
            ("image/jpeg", "image/png", "image/gif", "image/webp"),
            max_bytes=16 * 1024**2,
            alt_text_chars=ALT_TEXT_CHARS,
        ),
        video=VideoRule(
            ("video/mp4", "video/webm"), max_bytes=64 * 1024**2, alt_text_chars=ALT_TEXT_CHARS
        ),
        mixes=True,
    )
    publish = staticmethod(post.publish)
    find = staticmethod(post.find)
    explain = staticmethod(errors.explain)
    preview = staticmethod(preview.preview)

    def check(self, draft: Draft) -> None:
        super().check(draft)
        settings, count = draft.settings, len(draft.media)
        featured = text.featured(draft)
        if is_blank(draft.text) and not (count > bool(featured) or settings.get("title")):
            raise Unsupported("A WordPress post needs a text, a title or a file in it.")
        if (length := self.text_length(draft.text)) > self.limits.text_chars:
            most = self.limits.text_chars
            raise Unsupported(
                f"The text has {length} characters; WordPress posts of Dovecote have up to {most}.",
                code="text_too_long",
            )
        if featured and (not count or draft.media[featured - 1].kind != "image"):
            raise Unsupported("WordPress' option featuredImage needs an image as the first file.")
        if wrong := text.misnamed(draft):
            raise Unsupported(f"The text names {wrong}; the post has {count} files.")
        for name in ("categories", "tags"):
            if any(isinstance(each, str) and is_blank(each) for each in settings.get(name) or ()):
                raise Unsupported(f"WordPress' option {name} has a blank name.")

    async def shows_as_own(self, post_id: str, account: Credentials, http: Client) -> bool | None:
        """Return whether the site names the account's user as the author of this post."""
        site = Site(account, http)
        found = await site.post(post_id)
        if found is None or found["status"] == "trash":
            return False
        author = found.get("author")
        return str(author) == site.user_id if author else None

    async def read_account(self, account: Credentials, http: Client) -> None:
        (await Site(account, http).get("wp/v2/users/me", _fields="id")).take("id")

    async def remove(self, post_id: str, account: Credentials, http: Client) -> Removal:
        """Move a post to the site's trash; delete it for good where there is none."""
        site = Site(account, http)
        answer = await site.delete(post_id, NOT_FOUND, TRASHED, NO_TRASH)
        if answer.status == NO_TRASH and errors.said_code(answer) == "rest_trash_not_supported":
            answer = await site.delete(post_id, NOT_FOUND, force="true")
        if answer.status == NOT_FOUND and errors.said_code(answer) != errors.GONE:
            raise http.refused(answer)
        answer.json()  # a firewall in front of the site would answer with a page
        return "deleted" if answer.status == 200 else "already_gone"

    async def read_metrics(
        self, post_ids: Sequence[str], account: Credentials, http: Client
    ) -> Mapping[str, Metrics]:
        """Return the number of comments; WordPress itself counts nothing else."""
        site, found = Site(account, http), {}
        for post_id in post_ids[: self.metrics_batch]:
            known = await site.post(post_id)
            if known is not None and known["status"] != "trash":
                answer = await site.get("wp/v2/comments", post=post_id, per_page="1", _fields="id")
                count = as_count(answer.headers.get("x-wp-total"))
                found[post_id] = Metrics(comments=count)
        return found
