"""Map Threads' refusals to meanings, as data.

Source: Threads API, "Troubleshooting", "Posts" (read 2026-11-24).
"""

from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unavailable
from platforms.http.client import Answer
from platforms.http.refusals import Meaning
from platforms.meta import errors

#: Threads does not permit the topic tag.
BAD_TOPIC = "100/4279071"
#: The container is not visible everywhere yet, or an earlier call has published it.
UNSEEN = Meaning(OutcomeUnknown, "Threads does not see the upload yet.")

MEANINGS: errors.Meanings = {
    (24, 4279009): UNSEEN,
    (24, None): UNSEEN,
    (100, 4279004): Meaning(Unavailable, "Threads has not finished the carousel's files."),
    (100, 4279071): Meaning(
        Rejected, "Threads does not permit the topic tag.", code="option_rejected"
    ),
    (None, 4279013): errors.RESTRICTED,
    (None, 2207051): errors.SPAM,
    (None, 2207052): errors.UNFETCHED,
}
#: Refusals with a word instead of a number: the sentence and the code.
WORDS = {
    "THREADS_API__LINK_LIMIT_EXCEEDED": (
        "Threads takes up to 5 links in a post.",
        "content_rejected",
    ),
    "THREADS_API__GEO_GATING_INVALID_COUNTRY_CODES": (
        "Threads does not know these countries.",
        "option_rejected",
    ),
    "THREADS_API__FEATURE_NOT_AVAILABLE": (
        "Threads does not offer this to the account.",
        "option_rejected",
    ),
}
TOO_LONG = "must be at most 500 characters"
#: Why a container failed: its file could not be fetched.
UNFETCHED = "FAILED_DOWNLOADING_VIDEO"
#: Why a container failed for good.
UNFIT = {
    "INVALID_ASPEC_RATIO": "its aspect ratio does not fit",
    "INVALID_BIT_RATE": "its bit rate is too high",
    "INVALID_DURATION": "it is too long or too short",
    "INVALID_FRAME_RATE": "its frame rate does not fit",
    "INVALID_AUDIO_CHANNELS": "its audio does not fit",
    "INVALID_AUDIO_CHANNEL_LAYOUT": "its audio does not fit",
}


def explain(answer: Answer) -> PlatformError:
    for word, (sentence, code) in WORDS.items():
        if word in answer.text:
            return Rejected(sentence, code=code, platform_code=word)
    error = errors.explain("Threads", answer, MEANINGS)
    if isinstance(error, Rejected) and TOO_LONG in error.message:
        return error.as_(Rejected, code="text_too_long")
    return error


def failed(reason: str) -> PlatformError:
    """Return what a container in state ERROR means."""
    if why := UNFIT.get(reason):
        message = f"Threads does not accept the file: {why}."
        return Rejected(message, code="media_rejected", platform_code=reason)
    if reason == UNFETCHED:
        return errors.UNFETCHED.as_error(name="Threads", platform_code=reason)
    return Unavailable(
        "Threads could not process the file.", code="media_processing_failed", platform_code=reason
    )
