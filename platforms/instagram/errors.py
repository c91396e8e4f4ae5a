"""Map Instagram's refusals to meanings, as data.

Source: Instagram Platform, "Error Codes", "Content Publishing"; Video API, "Resumable Upload"
(read 2026-11-24).
"""

import re

from platforms.errors import OutcomeUnknown, PlatformError, RateLimited, Rejected, Unavailable
from platforms.http.client import Answer
from platforms.http.refusals import Meaning
from platforms.meta import errors

NOT_READY = Meaning(OutcomeUnknown, "Instagram was not ready to publish the upload.")
LOST = Meaning(Unavailable, "Instagram lost the upload.", code="media_processing_failed")


def _media(sentence: str) -> Meaning:
    return Meaning(Rejected, sentence, code="media_rejected")


def _option(sentence: str) -> Meaning:
    return Meaning(Rejected, sentence, code="option_rejected")


MEANINGS: errors.Meanings = {
    (25, 2207050): errors.RESTRICTED,
    (9, 2207042): Meaning(
        RateLimited,
        "The account has reached Instagram's daily limit of posts.",
        wait_seconds=errors.HOUR_SECONDS,
        code="daily_limit_reached",
    ),
    (None, 2207051): errors.SPAM,
    (None, 2207001): errors.TROUBLE,
    **{(None, subcode): NOT_READY for subcode in (2207006, 2207008, 2207027)},
    **{(None, subcode): LOST for subcode in (2207020, 2207032, 2207053, 2207082)},
    **{(None, subcode): errors.UNFETCHED for subcode in (2207003, 2207052, 2207077)},
    (None, 2207004): _media("Instagram takes images of up to 8 MB."),
    (None, 2207005): _media("Instagram takes images as JPEG only."),
    (None, 2207009): _media("Instagram takes images with an aspect ratio from 4:5 to 1.91:1 only."),
    (None, 2207010): Meaning(Rejected, "Instagram does not accept this caption."),
    (None, 2207026): _media("Instagram does not accept this video."),
    (None, 2207023): _media("Instagram does not accept this type of file here."),
    (None, 2207028): _media("Instagram carousels hold 2 to 10 files."),
    (None, 2207057): _option("The video is shorter than coverPhotoTimestamp."),
    **{
        (None, subcode): _option("Instagram does not accept these product tags.")
        for subcode in (2207035, 2207036, 2207037)
    },
    (None, 2207040): Meaning(Rejected, "Instagram takes 20 @mentions at most."),
    (None, 2207081): _option("This account cannot post trial reels."),
}
#: Refusals with a word instead of a number.
WORDS = {
    "INSTAGRAM_PLATFORM_API__INVALID_LOCATION_ID": "Instagram does not know this locationId.",
}
#: The upload host's words for a file that it cannot use.
PROCESSING_FAILED = "ProcessingFailedError"


def explain(answer: Answer) -> PlatformError:
    for word, sentence in WORDS.items():
        if word in answer.text:
            return Rejected(sentence, code="option_rejected", platform_code=word)
    said = answer.error_body().get("debug_info")
    if isinstance(said, dict):
        return _upload(answer, said)
    return errors.explain("Instagram", answer, MEANINGS)


def _upload(answer: Answer, said: dict[str, object]) -> PlatformError:
    """Explain a refusal of the upload host, which has its own form."""
    kind, words = str(said.get("type", "")), str(said.get("message", ""))[: errors.DETAIL_CHARS]
    if kind == "NotAuthorizedError":
        return errors.RECONNECT.as_error(name="Instagram", platform_code=kind)
    message = f"Instagram could not take the file: {words}"
    if said.get("retriable") or answer.status >= 500:
        return Unavailable(message, platform_code=kind)
    if kind == PROCESSING_FAILED:
        return Rejected(message, code="media_rejected", platform_code=kind)
    return Unavailable(message, code="media_processing_failed", platform_code=kind)


def failed(reason: str) -> PlatformError:
    """Return what a container in state ERROR means; the text of its status holds a subcode."""
    found = re.search(r"\b2207\d{3}\b", reason)
    meaning = MEANINGS.get((None, int(found[0]))) if found else None
    if found is None or meaning is None:
        return Unavailable(
            "Instagram could not process the file.",
            code="media_processing_failed",
            platform_code=found[0] if found else "",
            body=reason,
        )
    error = meaning.as_error(name="Instagram", platform_code=found[0], body=reason)
    return error.as_(Unavailable) if isinstance(error, OutcomeUnknown) else error
