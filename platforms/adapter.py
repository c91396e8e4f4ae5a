"""The interface of a network: the facts it states, and the calls it answers."""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from platforms.checkpoint import Checkpoint
from platforms.drafts import AccountFacts, Credentials, Draft, Media
from platforms.errors import PlatformError, Unauthorized, Unavailable, Unsupported
from platforms.http.client import Answer, Client
from platforms.http.redaction import Secret
from platforms.http.refusals import explain_by_status
from platforms.http.versions import ApiVersion
from platforms.limits import Form, Limits
from platforms.metrics import Metrics
from platforms.oauth import LoginMethod, may_delete
from platforms.outcomes import Finding, Outcome, Removal
from platforms.policy import media_checks
from platforms.policy.options import Option, check_settings
from platforms.policy.retry import RetryPolicy
from platforms.preview.shapes import Preview
from platforms.text import TextLength

#: How long a network has to answer a ping.
PING_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Call:
    """One draft, the account to publish it as, and the means to do so."""

    draft: Draft
    account: Credentials
    http: Client
    #: Where an earlier call stopped; empty for the first.
    checkpoint: Checkpoint


class Adapter(ABC):
    """One network. Each publish, or each part of it, makes exactly one `irreversible` call."""

    key: ClassVar[str]
    name: ClassVar[str]
    #: Other words for its key that customers' programs use.
    aliases: ClassVar[tuple[str, ...]] = ()
    #: Where its API is reached.
    origin: ClassVar[str]
    #: False if accounts live on many servers: one that is down says nothing of the others.
    has_one_server: ClassVar[bool] = True
    #: The version of its API, where an operator may choose it.
    version: ClassVar[ApiVersion | None] = None
    #: Its tokens, as they look.
    secrets: ClassVar[tuple[Secret, ...]] = ()
    limits: ClassVar[Limits]
    #: The options of `platform_content.<key>.settings`.
    options: ClassVar[tuple[Option, ...]] = ()
    #: The options that every new post says, or its workspace by a default. Drafts that were frozen
    #: before an option was required are published as they are.
    required_options: ClassVar[tuple[str, ...]] = ()
    #: The values of `platform_content.<key>.contentType`.
    post_types: ClassVar[tuple[str, ...]] = ()
    #: The types of post that show neither a text nor comments.
    wordless_types: ClassVar[frozenset[str]] = frozenset()
    #: The ways to connect an account, by the app they need; the first is the default.
    logins: ClassVar[Mapping[str, LoginMethod]] = {}
    #: The features for customers, by short names such as `alt_text`.
    features: ClassVar[tuple[str, ...]] = ()
    #: Finds the id of a post in its public link; None if links show something else.
    link_id: ClassVar[re.Pattern[str] | None] = None
    #: False if links name some posts by a code that is not the id in the API.
    links_hold_ids: ClassVar[bool] = True
    #: The separator that joins a page's and a post's number to an id; links have them apart.
    id_separator: ClassVar[str] = ""
    #: The option that takes the post's first picture as the cover of its video.
    cover_option: ClassVar[str] = ""
    #: The option that picks one of a person's accounts, by its id at the network.
    account_option: ClassVar[str] = ""
    #: Options as the service that the compatibility mount follows means a post that says none.
    service_defaults: ClassVar[Mapping[str, str]] = {}
    #: False if the network punishes who publishes the same post again.
    can_recycle: ClassVar[bool] = True
    #: Whether it lets an app delete what it published: then there is a `remove`.
    deletes: ClassVar[bool] = False
    #: How many posts one call of `read_metrics` reads; 0: this network's numbers are not read.
    metrics_batch: ClassVar[int] = 0
    #: False if each post that is read costs money: it is read only if the operator says so.
    is_free_to_read: ClassVar[bool] = True
    retry: ClassVar[RetryPolicy] = RetryPolicy()
    #: How long one publish may take without saving a checkpoint.
    deadline_seconds: ClassVar[float] = 45
    #: Whether a post's files are the body of its irreversible call, so that it takes long.
    call_carries_files: ClassVar[bool] = False

    #: The names in `Credentials.extra` that `unfit_for` needs; none of them is secret.
    account_facts: ClassVar[tuple[str, ...]] = ()

    def server_of(self, platform_account_id: str) -> str:
        """Return the host of an account's server; empty if that states no limits of its own."""
        return ""

    async def read_server(self, host: str, http: Client) -> Mapping[str, Any]:
        """Return what a server takes, for `Draft.server`. Raises PlatformError."""
        raise NotImplementedError

    def text_length(self, text: str) -> int:
        """Return the length of a text in the network's own unit."""
        return len(text)

    def measure(self, text: str, limit: int) -> TextLength:
        """Return the length of a text; counting may stop once the text is clearly too long."""
        return TextLength(self.text_length(text))

    def limits_for(self, draft: Draft) -> Limits:
        """Return the limits of this draft's type of post."""
        return self.limits

    def pick(self, draft: Draft) -> tuple[Media, ...]:
        """Return the files that this network gets of a draft that holds all files of the post.

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
        """Return the form to convert a file of the draft to before it is sent; None: none."""
        return media_checks.form(self.limits_for(draft), item)

    def check_required(self, settings: Mapping[str, Any]) -> None:
        """Raise Unsupported if the settings of a new post leave out a required option."""
        if missing := [name for name in self.required_options if settings.get(name) is None]:
            raise Unsupported(
                f"{self.name} needs the option {missing[0]}: say it in platform_content."
                f"{self.key}.settings, or choose a default for the workspace (post-defaults)."
            )

    def check_options(self, draft: Draft) -> None:
        """Raise Unsupported if the type of post or an option is unknown or ill-typed."""
        if draft.post_type and draft.post_type not in self.post_types:
            known = ", ".join(self.post_types) or "no types of post"
            raise Unsupported(f"{self.name} knows {known}; not {draft.post_type[:100]!r}.")
        check_settings(self.name, self.options, draft.settings)

    def check(self, draft: Draft) -> None:
        """Raise Unsupported if the platform cannot carry the draft.

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

    def unfit_for(self, draft: Draft, account: AccountFacts) -> str:
        """Return why this account cannot carry what others of the network can; blank if it can.

        What only the network can tell is left to `publish`.
        """
        return ""

    @abstractmethod
    def preview(self, draft: Draft) -> Preview:
        """Return what readers will see of the draft: from the same draft and rules as `publish`.

        Answers for every draft whose options are valid, also for one that `check` refuses.
        """

    def is_slow(self, draft: Draft) -> bool:
        """Return whether publishing this draft takes so long that it needs the upload queue."""
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

    async def ping(self, account: Credentials, http: Client) -> None:
        """Ask the network something harmless as this account, to learn whether it answers.

        Raises Unavailable if no readable answer comes in time, and any other PlatformError if the
        network answers with a refusal.
        """
        try:
            async with asyncio.timeout(PING_SECONDS):
                await self.read_account(account, http)
        except TimeoutError as late:
            words = f"{self.name} gave no answer within {PING_SECONDS} seconds."
            raise Unavailable(words, platform_code="ReadTimeout") from late

    @abstractmethod
    async def read_account(self, account: Credentials, http: Client) -> None:
        """Make one cheap read, which needs no permission beyond those for publishing.

        Returns if the answer is the network's own. Raises PlatformError.
        """

    def recall(
        self, draft: Draft, kept: Mapping[str, Any], since: datetime
    ) -> Mapping[str, Any] | None:
        """Return a checkpoint by which `find` recognises the post without a record of its call.

        For a database that has lost what it noted `since` then, beyond what is `kept`: the post may
        have been sent once or more. None if the draft, the account and the time are not enough to
        find it, or if `find` could then take for absent what is public.
        """
        return None

    async def shows_as_own(self, post_id: str, account: Credentials, http: Client) -> bool | None:
        """Return whether the network shows this post as the account's own; None if unknowable.

        Makes at most one read. Raises PlatformError, which says nothing about the post.
        """
        return None

    async def delete(self, post_id: str, account: Credentials, http: Client) -> Removal:
        """Delete one public post of the account, or one part of a thread. Raises PlatformError.

        It may be called again after a lost answer: what was deleted is then `already_gone`. The
        caller has proven that the post is the account's.
        """
        refused = f"{self.name} has not allowed this app to delete; reconnect the account."
        if not self.deletes:
            raise Unsupported(f"{self.name} does not let apps delete posts.")
        if not may_delete(self.login_of(account), account.scopes):
            raise Unauthorized(refused, code="permission_missing")
        try:
            return await self.remove(post_id, account, http)
        except Unauthorized as refusal:
            if refusal.code != "permission_missing":
                raise
            raise refusal.as_(Unauthorized, refused, code=refusal.code) from refusal

    async def remove(self, post_id: str, account: Credentials, http: Client) -> Removal:
        """Delete a post, where the network lets apps do so."""
        raise NotImplementedError

    async def is_gone(self, post_id: str, account: Credentials, http: Client) -> bool:
        """Return whether the network shows the post no more; False also if it cannot be asked.

        For refusals that mean either that the post is gone or that it may not be deleted.
        """
        try:
            return await self.shows_as_own(post_id, account, http) is False
        except PlatformError:
            return False

    def can_delete(self, draft: Draft) -> bool:
        """Return whether the network lets apps delete this type of post."""
        return self.deletes

    def public_parts(self, checkpoint: Mapping[str, Any]) -> Sequence[str]:
        """Return the ids of a thread's public parts, in order; empty where there are no threads."""
        return ()

    def parts_kept(self, checkpoint: Mapping[str, Any]) -> dict[str, Any]:
        """Return what to keep of the checkpoint of a published thread, for `public_parts`."""
        return {}

    async def read_metrics(
        self, post_ids: Sequence[str], account: Credentials, http: Client
    ) -> Mapping[str, Metrics]:
        """Return the numbers of up to `metrics_batch` posts, by id. Raises PlatformError.

        Makes one call, two where a network needs them. Posts that are gone are left out.
        """
        raise NotImplementedError

    async def read_followers(self, account: Credentials, http: Client) -> int | None:
        """Return how many follow the account, in one call; None if the network does not say.

        Raises PlatformError.
        """
        return None

    def login_of(self, account: Credentials) -> LoginMethod | None:
        """Return the way in which the account was connected; the usual one if it does not say."""
        usual = next(iter(self.logins.values()), None)
        return self.logins.get(account.login, usual)

    def post_id(self, link: str) -> str:
        """Return the post's id in a public link; empty if the link does not hold one."""
        found = self.link_id.search(link) if self.link_id else None
        return next(filter(None, found.groups()), "") if found else ""

    def is_post_link(self, link: str) -> bool:
        """Return whether a link leads to one post rather than to an account's profile."""
        return bool(link)

    def explain(self, answer: Answer) -> PlatformError:
        """Return the error that a refusal means; OutcomeUnknown if it is ambiguous.

        The client turns OutcomeUnknown into Unavailable for calls that publish nothing.
        """
        return explain_by_status(self.name, answer)
