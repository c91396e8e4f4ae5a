"""Map refusals of WordPress' REST API to meanings, as data.

Source: https://developer.wordpress.org/rest-api/using-the-rest-api/ and the controllers below
wp-includes/rest-api/endpoints of WordPress 6.8 (read 2026-11-30): a refusal is an object with
`code`, a word, `message`, a sentence in the site's language, and `data`. A call without rights is
401 if it is anonymous and 403 otherwise. Run against 6.8.12 on 2026-11-30: a wrong application
password makes a call anonymous; a body that is too large for PHP arrives empty.
"""

from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unauthorized, Unavailable
from platforms.http.client import Answer
from platforms.http.refusals import Meaning, explain_by_status

NAME = "WordPress"
#: The words of a post that is not there, and of what the user's role does not allow.
GONE, NOT_ALLOWED = "rest_post_invalid_id", "rest_cannot_create"

ENDED = Meaning(
    Unauthorized,
    "The site no longer accepts the application password; enter a new one, from the user's profile "
    "in the site's administration.",
)
NO_PERMISSION = Meaning(
    Unauthorized,
    "The site's user may not do that: {said} Give it the role of an author or editor, then "
    "reconnect the account.",
    "permission_missing",
)
OPTION = Meaning(Rejected, "The site refused an option: {said}", "option_rejected")
UNFIT = Meaning(Rejected, "The site refused the file: {said}", "media_rejected")
TOO_LARGE = Meaning(
    Rejected, "The site takes no file this large; its own limit is smaller.", "media_rejected"
)
SWITCHED_OFF = Meaning(
    Rejected, "The site has switched its REST API off: {said}", "account_restricted"
)
FIREWALL = Meaning(
    Unavailable,
    "Something in front of the site answered instead of WordPress, such as a firewall; let this "
    "installation's calls to the REST API pass.",
    "account_restricted",
    when_publishing=OutcomeUnknown,
)
REDIRECTS = Meaning(
    Unavailable,
    "The site redirects, which is not followed; connect it by the address that it redirects to.",
    "address_refused",
)

#: WordPress' own word → the meaning, at any status.
CODES: dict[str, Meaning] = {
    "empty_content": Meaning(Rejected, "The site takes no empty post."),
    "rest_cannot_assign_term": OPTION,
    "rest_invalid_param": OPTION,
    "rest_invalid_featured_media": OPTION,
    "rest_no_route": SWITCHED_OFF,
    "rest_upload_unknown_error": UNFIT,
    "rest_upload_sideload_error": UNFIT,
    "rest_upload_image_type_not_supported": UNFIT,
    "rest_upload_file_too_big": TOO_LARGE,
    "rest_upload_limited_space": TOO_LARGE,
    "rest_upload_no_data": TOO_LARGE,
    "rest_upload_no_content_disposition": TOO_LARGE,
}
#: Statuses that say as much without a word of WordPress'.
PASSING = (408, 429)


def said_code(answer: Answer) -> str:
    """Return WordPress' word for a refusal; empty if the answer is none of its own."""
    code = answer.error_body().get("code")
    return code if isinstance(code, str) else ""


def explain(answer: Answer) -> PlatformError:
    word, said = said_code(answer), answer.error_body().get("message")
    words = said if isinstance(said, str) else ""
    meaning = _meaning(answer, word)
    if meaning is None:
        error = explain_by_status(NAME, answer)
        if isinstance(error, Rejected) and words:
            error.message = f"The site refused the post: {words}"
    else:
        error = meaning.as_error(words)
        if answer.irreversible and meaning.when_publishing:
            error = error.as_(meaning.when_publishing, code=meaning.code)
    error.platform_code, error.http_status, error.body = word, answer.status, answer.text
    return error


def _meaning(answer: Answer, word: str) -> Meaning | None:
    """Return the meaning; None: the status decides."""
    status = answer.status
    if 300 <= status < 400:
        return REDIRECTS
    if word == "rest_invalid_param" and "status" in _params(answer):
        # Only an anonymous call is refused a list of drafts.
        return ENDED
    if word in CODES:
        return CODES[word]
    if status >= 500 or status in PASSING:
        return None
    if not word:
        return TOO_LARGE if status == 413 else FIREWALL
    return {401: ENDED, 403: NO_PERMISSION}.get(status)


def _params(answer: Answer) -> dict[str, object]:
    data = answer.error_body().get("data")
    found = data.get("params") if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}
