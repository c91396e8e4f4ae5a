"""Decide when a failed destination is tried again, and how long all of it may take."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from platforms.errors import MediaHostAway, PlatformError, RateLimited, Unavailable

#: A pause so short belongs to the try: a destination is not called failed in between.
SOON = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The longest time that a destination may stay in each state that is not final.

    The deadline of each call comes on top.
    """

    #: From the first try until the last one may start, with all rate limits.
    retrying_seconds: float
    #: From the start of a try until a network that still processes counts as a lost answer.
    processing_seconds: float
    #: From a lost answer to the last lookup, if each of them answers that the post is absent.
    looking_seconds: float
    #: The bound if lookups fail, are rate limited, or only hear that the post is processing.
    unanswered_seconds: float

    @property
    def total_seconds(self) -> float:
        """Return the longest life: the last try starts late, processes, and is looked up."""
        return self.retrying_seconds + self.processing_seconds + self.looking_seconds


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """A schedule of tries for a failed destination: rounds of three quick tries.

    `delays_seconds[n]` is the pause after failure n+1; after the last one a failure is final.
    """

    delays_seconds: tuple[float, ...] = (1, 2, 900, 1, 2, 900, 1, 2)
    #: Each delay grows by up to this share, so that simultaneous failures spread out.
    jitter: float = 0.1
    #: The network's own reset time is used up to this.
    rate_limit_cap_seconds: float = 24 * 3600
    #: Used if a network limits without a reset time.
    rate_limit_default_seconds: float = 900
    #: The pause while our own web host, where networks fetch files, is away.
    host_away_seconds: float = 15
    #: No automatic try starts later than this after the first one.
    give_up_after_seconds: float = 48 * 3600
    #: While the network is down, a post that is due waits for so long before it fails.
    outage_patience_seconds: float = 24 * 3600
    #: Pauses before each lookup of an unknown outcome; after the last lookup it is final.
    find_delays_seconds: tuple[float, ...] = (15, 60, 300)
    #: How long a network may keep processing before the outcome counts as unknown.
    processing_cap_seconds: float = 3600
    #: Uncounted repeats (polls, rate limits, lookups without an answer) pause for at least this
    #: share of the time already spent, up to the cap.
    easing: float = 0.1
    easing_cap_seconds: float = 900

    def eased(self, seconds: float, spent: timedelta) -> float:
        """Return a pause of so many seconds, longer after a long wait, within bounds."""
        least = min(self.easing * spent.total_seconds(), self.easing_cap_seconds)
        return min(max(seconds, least, 1), self.give_up_after_seconds)

    def next_try(
        self,
        error: PlatformError,
        *,
        failures: int,
        begun_at: datetime,
        now: datetime,
        spread: float,
    ) -> datetime | None:
        """Return the time of the next automatic try, or None when this failure is final.

        `failures` counts the failures of this retry budget, this one included unless it was
        waiting; `begun_at` is when the budget's first try began; `spread` in [0, 1) places the try
        within its jitter.
        """
        if isinstance(error, RateLimited):
            seconds = self.limited_seconds(error, now - begun_at)
        elif isinstance(error, MediaHostAway):
            seconds = self.host_away_seconds
        elif isinstance(error, Unavailable) and failures <= len(self.delays_seconds):
            # The network may have asked for a longer pause.
            seconds = max(self.delays_seconds[failures - 1], error.retry_after_seconds or 0)
            seconds = min(seconds, self.give_up_after_seconds)
        else:
            return None
        at = now + timedelta(seconds=seconds * (1 + self.jitter * spread))
        return at if at <= begun_at + timedelta(seconds=self.give_up_after_seconds) else None

    def limited_seconds(self, limit: RateLimited, spent: timedelta) -> float:
        """Return how long to wait for a rate limit: as long as the network says, up to a cap.

        Rate limits are not counted, so a network that says "in a second" for hours is asked less
        and less.
        """
        asked = limit.retry_after_seconds or self.rate_limit_default_seconds
        return self.eased(min(asked, self.rate_limit_cap_seconds), spent)

    def bounds(self) -> Bounds:
        """Return the bound of each state, which no answer of a network extends."""
        return Bounds(
            retrying_seconds=self.give_up_after_seconds,
            processing_seconds=self.processing_cap_seconds,
            looking_seconds=sum(self.find_delays_seconds),
            unanswered_seconds=self.give_up_after_seconds,
        )
