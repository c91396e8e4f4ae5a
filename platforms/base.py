"""What an adapter is: the facts it states, the calls it answers, what it remembers between them."""

from abc import ABC, abstractmethod
from collections import UserDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from platforms import rules
from platforms.drafts import Credentials, Draft, Media
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unsupported,
)
from platforms.oauth import OAuth
from platforms.options import Option, check_settings
from platforms.outcomes import Finding, Outcome
from platforms.rules import Form, Limits

if TYPE_CHECKING:
    from platforms.client import Answer, Client


@dataclass(frozen=True, slots=True)
class Longest:
    """How long a destination may stay in each state that is not final, from its first try on.

    Every call the network is given its deadline for comes on top.
    """

    #: From the first try until the last one may begin, rate limits and all.
    retrying_seconds: float
    #: From the begin of a try until a network that still processes counts as a lost answer.
    processing_seconds: float
    #: From a lost answer until its end, if the network answers each look-up: not seen.
    looking_seconds: float
    #: The same if the look-ups themselves fail, are limited, or only hear that it is processing.
    unanswered_seconds: float

    @property
    def total_seconds(self) -> float:
        """The last try begins as late as it may, and its processing and one look-up follow."""
        return self.retrying_seconds + self.processing_seconds + self.looking_seconds


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When a failed destination is tried again. Three quick tries make a round.

    `delays_seconds[n]` is the pause after failure n+1; when they are used up the failure is final.
    """

    delays_seconds: tuple[float, ...] = (1, 2, 900, 1, 2, 900, 1, 2)
    #: Each delay is lengthened by up to this share, so that failures of one moment spread out.
    jitter: float = 0.1
    #: The network's own reset time wins over ours, up to this.
    rate_limit_cap_seconds: float = 24 * 3600
    #: Used when a network limits without saying until when.
    rate_limit_default_seconds: float = 900
    #: No automatic try starts later than this after the first one.
    give_up_after_seconds: float = 48 * 3600
    #: Pauses before each look-up of an unconfirmed outcome; after the last one it is final.
    find_delays_seconds: tuple[float, ...] = (15, 60, 300)
    #: How long a network may keep processing before the outcome counts as unknown.
    processing_cap_seconds: float = 3600
    #: Whatever is asked for again without being counted pauses for at least this share of the time
    #: that it has taken already, up to a cap: polls, rate limits, look-ups without an answer.
    easing: float = 0.1
    easing_cap_seconds: float = 900

    def eased(self, seconds: float, spent: timedelta) -> float:
        """A pause of so many seconds, or more after a long wait; at least one, and not for ever."""
        least = min(self.easing * spent.total_seconds(), self.easing_cap_seconds)
        return min(max(seconds, least, 1), self.give_up_after_seconds)

    def longest(self) -> Longest:
        """What bounds each state. `deciding` keeps to it, whatever a network answers."""
        return Longest(
            retrying_seconds=self.give_up_after_seconds,
            processing_seconds=self.processing_cap_seconds,
            looking_seconds=sum(self.find_delays_seconds),
            unanswered_seconds=self.give_up_after_seconds,
        )


class Checkpoint(UserDict[str, Any]):
    """What an adapter must remember between calls. Durable once `save` returns.

    `state` follows the irreversible call: `unsent`, `sent` while its answer is out, `answered`.
    `may_leave` is asked when that call is about to be written to its connection: False, and nothing
    is sent.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        store: Callable[[dict[str, Any], bool], Awaitable[None]],
        may_leave: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(values)
        self._store = store
        self.may_leave = may_leave
        self.state: Literal["unsent", "sent", "answered"] = "unsent"

    async def save(self, **values: Any) -> None:
        self.update(values)
        await self._store(dict(self.data), False)

    async def sending(self) -> None:
        """Record that the irreversible call is about to leave."""
        await self._store(dict(self.data), True)
        self.state = "sent"

    def answered(self) -> None:
        """The irreversible call got an answer that can be read."""
        self.state = "answered"


class Adapter(ABC):
    """One network. Exactly one call per publish is `irreversible`, or one for each part."""

    key: ClassVar[str]
    name: ClassVar[str]
    limits: ClassVar[Limits]
    #: What `platform_content.<key>.settings` may hold.
    options: ClassVar[tuple[Option, ...]] = ()
    #: What `platform_content.<key>.contentType` may say.
    post_types: ClassVar[tuple[str, ...]] = ()
    #: Ways to connect an account, by the name of the app they need; the first is usual.
    logins: ClassVar[Mapping[str, OAuth]] = {}
    #: What customers read the platform is good for, such as `threads` or `alt_text`.
    features: ClassVar[tuple[str, ...]] = ()
    retry: ClassVar[RetryPolicy] = RetryPolicy()
    #: How many publishes one worker process may have in flight at this network.
    in_flight: ClassVar[int] = 100
    #: How long one publish may take without saving a checkpoint.
    deadline_seconds: ClassVar[float] = 45

    def text_length(self, text: str) -> int:
        """The length of a text in the network's own unit."""
        return len(text)

    def limits_for(self, draft: Draft) -> Limits:
        """The limits of this draft's kind of post."""
        return self.limits

    def pick(self, draft: Draft) -> tuple[Media, ...]:
        """What this network gets of the media of a draft that still has all of the post's.

        A post may hold pictures and a film so that one request reaches every network: each gets
        the kind it takes. Anything else is not left out silently: `check` refuses it.
        """
        limits = self.limits_for(draft) if draft.post_type else self.limits
        kinds = {item.kind for item in draft.media}
        taken = kinds & set(limits.kinds)
        if not {"image", "video"} <= kinds or not taken or limits.mixes:
            return draft.media
        kept = limits.prefers if limits.prefers in taken else (taken - {"document"}).pop()
        return tuple(item for item in draft.media if item.kind in (kept, "document"))

    def form(self, draft: Draft, item: Media) -> Form | None:
        """What must be made of a file of the draft before it is sent; None: nothing."""
        return rules.form(self.limits_for(draft), item)

    def check_options(self, draft: Draft) -> None:
        """Raises Unsupported when the kind of post or an option is unknown or ill typed."""
        if draft.post_type and draft.post_type not in self.post_types:
            known = ", ".join(self.post_types) or "no kinds of post"
            raise Unsupported(f"{self.name} knows {known}; not {draft.post_type[:100]!r}.")
        check_settings(self.name, self.options, draft.settings)

    def check(self, draft: Draft) -> None:
        """Raises Unsupported when the platform cannot carry the draft.

        A file that is still to be brought into its `form` is judged by what cannot be mended.
        """
        self.check_options(draft)
        limits = self.limits_for(draft)
        if len(draft.media) > limits.media_items:
            raise Unsupported(f"{self.name} takes up to {limits.media_items} files a post.")
        if not limits.mixes and len({item.kind for item in draft.media}) > 1:
            raise Unsupported(f"{self.name} takes files of one kind a post.")
        for item in draft.media:
            for flaw in rules.flaws(self.name, limits, item):
                if not (flaw.mendable and item.form):
                    raise Unsupported(flaw.message)

    def is_slow(self, draft: Draft) -> bool:
        """Whether publishing this draft takes long enough to need a queue of its own."""
        return any(item.kind == "video" for item in draft.media)

    def queue(self, draft: Draft) -> str:
        return f"publish.{self.key}.upload" if self.is_slow(draft) else f"publish.{self.key}"

    @abstractmethod
    async def publish(
        self, draft: Draft, account: Credentials, http: "Client", checkpoint: Checkpoint
    ) -> Outcome:
        """Publish, or go on from the checkpoint. Raises PlatformError."""

    @abstractmethod
    async def find(
        self,
        draft: Draft,
        account: Credentials,
        http: "Client",
        checkpoint: Checkpoint,
        sent_at: datetime,
    ) -> Finding:
        """Learn what became of an irreversible call sent at `sent_at`. Raises PlatformError.

        Never publishes anything.
        """

    def explain(self, answer: "Answer") -> PlatformError:
        """What a refusal means. An ambiguous status is OutcomeUnknown.

        The client turns OutcomeUnknown into Unavailable for calls that publish nothing.
        """
        return explain_by_status(self.name, answer)


def explain_by_status(name: str, answer: "Answer") -> PlatformError:
    """The reading of an HTTP status that every network shares."""
    status = answer.status
    if status == 401:
        error: type[PlatformError] = Unauthorized
        message = f"{name} no longer accepts this account's authorization; reconnect it."
    elif status == 429:
        error, message = RateLimited, f"Rate limit exceeded on {name}."
    elif status == 408 or status >= 500:
        error, message = OutcomeUnknown, f"{name} answered {status}."
    else:
        error, message = Rejected, f"{name} refused the post ({status})."
    return error(
        message,
        http_status=status,
        retry_after_seconds=answer.retry_after_seconds(),
        body=answer.text,
        # These say what they mean by themselves.
        unmapped=status not in (401, 408, 429) and status < 500,
    )
