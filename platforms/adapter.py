"""The interface of a network: the facts it states, and the calls it answers."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from platforms import media_checks
from platforms.call import Call
from platforms.drafts import Credentials, Draft, Media
from platforms.errors import PlatformError, Unsupported
from platforms.http.client import Answer, Client
from platforms.limits import Form, Limits
from platforms.oauth import OAuth
from platforms.options import Option, check_settings
from platforms.outcomes import Finding, Outcome
from platforms.refusals import explain_by_status
from platforms.retry import RetryPolicy
from platforms.text import TextLength


class Adapter(ABC):
    """One network. Each publish, or each part of it, makes exactly one `irreversible` call."""

    key: ClassVar[str]
    name: ClassVar[str]
    limits: ClassVar[Limits]
    #: What `platform_content.<key>.settings` may hold.
    options: ClassVar[tuple[Option, ...]] = ()
    #: What `platform_content.<key>.contentType` may say.
    post_types: ClassVar[tuple[str, ...]] = ()
    #: The ways to connect an account, by the app they need; the first is the default.
    logins: ClassVar[Mapping[str, OAuth]] = {}
    #: What customers can use, such as `threads` or `alt_text`.
    features: ClassVar[tuple[str, ...]] = ()
    #: Finds the id of a post in its public link; None if links show something else.
    link_id: ClassVar[re.Pattern[str] | None] = None
    retry: ClassVar[RetryPolicy] = RetryPolicy()
    #: How long one publish may take without saving a checkpoint.
    deadline_seconds: ClassVar[float] = 45

    def text_length(self, text: str) -> int:
        """The length of a text in the network's own unit."""
        return len(text)

    def measure(self, text: str, limit: int) -> TextLength:
        """The length of a text; counting may stop once the text is clearly too long."""
        return TextLength(self.text_length(text))

    def limits_for(self, draft: Draft) -> Limits:
        """The limits of this draft's type of post."""
        return self.limits

    def pick(self, draft: Draft) -> tuple[Media, ...]:
        """The files that this network gets of a draft that holds all files of the post.

        One request may hold images and a video for different networks: each network gets the kind
        that it takes. Nothing else is left out silently: `check` refuses it.
        """
        limits = self.limits_for(draft) if draft.post_type else self.limits
        kinds = {item.kind for item in draft.media}
        taken = kinds & set(limits.kinds)
        if not {"image", "video"} <= kinds or not taken or limits.mixes:
            return draft.media
        kept = limits.prefers if limits.prefers in taken else (taken - {"document"}).pop()
        return tuple(item for item in draft.media if item.kind in (kept, "document"))

    def form(self, draft: Draft, item: Media) -> Form | None:
        """The form to convert a file of the draft to before it is sent; None for no conversion."""
        return media_checks.form(self.limits_for(draft), item)

    def check_options(self, draft: Draft) -> None:
        """Raises Unsupported if the type of post or an option is unknown or ill-typed."""
        if draft.post_type and draft.post_type not in self.post_types:
            known = ", ".join(self.post_types) or "no types of post"
            raise Unsupported(f"{self.name} knows {known}; not {draft.post_type[:100]!r}.")
        check_settings(self.name, self.options, draft.settings)

    def check(self, draft: Draft) -> None:
        """Raises Unsupported if the platform cannot carry the draft.

        For a file that is still to be converted, only what conversion cannot fix counts.
        """
        self.check_options(draft)
        limits = self.limits_for(draft)
        if len(draft.media) > limits.media_items:
            raise Unsupported(f"{self.name} takes up to {limits.media_items} files in a post.")
        if not limits.mixes and len({item.kind for item in draft.media}) > 1:
            raise Unsupported(f"{self.name} takes files of one kind in a post.")
        for item in draft.media:
            for violation in media_checks.violations(self.name, limits, item):
                if not (violation.fixable and item.form):
                    raise Unsupported(violation.message)

    def is_slow(self, draft: Draft) -> bool:
        """Whether publishing this draft takes so long that it needs the queue for uploads."""
        return any(item.kind == "video" for item in draft.media)

    def queue(self, draft: Draft) -> str:
        return f"publish.{self.key}.upload" if self.is_slow(draft) else f"publish.{self.key}"

    @abstractmethod
    async def publish(self, call: Call) -> Outcome:
        """Publish, or continue from the checkpoint. Raises PlatformError."""

    @abstractmethod
    async def find(self, call: Call, sent_at: datetime) -> Finding:
        """Find out what became of the irreversible call that was last sent at `sent_at`.

        Publishes nothing. Raises PlatformError.
        """

    async def shows_as_own(self, post_id: str, account: Credentials, http: Client) -> bool | None:
        """Whether the network shows this post as the account's own; None if it cannot be asked.

        Makes at most one read. Raises PlatformError, which says nothing about the post.
        """
        return None

    def post_id(self, link: str) -> str:
        """The post's id in a public link; empty if the link does not hold one."""
        found = self.link_id.search(link) if self.link_id else None
        return next(filter(None, found.groups()), "") if found else ""

    def is_post_link(self, link: str) -> bool:
        """Whether a link leads to one post rather than to an account's profile."""
        return bool(link)

    def explain(self, answer: Answer) -> PlatformError:
        """The error that a refusal means; OutcomeUnknown if it is ambiguous.

        The client turns OutcomeUnknown into Unavailable for calls that publish nothing.
        """
        return explain_by_status(self.name, answer)
