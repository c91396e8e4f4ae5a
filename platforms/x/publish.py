"""Publish a post, or a thread part by part, each as a reply to the one before."""

from platforms import clock, oauth
from platforms.call import Call
from platforms.drafts import Credentials
from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unavailable
from platforms.outcomes import Outcome, Processing
from platforms.x import errors, media, thread
from platforms.x.oauth import XOAuth

POSTS = "https://api.x.com/2/tweets"


async def publish(call: Call) -> Outcome:
    """Publish the parts that are not public yet. Raises PlatformError."""
    public: list[str] = list(call.checkpoint.get("parts", []))
    try:
        return await _publish(call, public)
    except PlatformError as error:
        shown = _with_scopes_known(error, call.account)
        thread.say_what_is_public(shown, call.draft, call.account, public)
        raise shown from error.__cause__


async def _publish(call: Call, public: list[str]) -> Outcome:
    media_ids: list[str] = []
    if call.draft.media and not public:
        uploaded = await media.upload(call)
        if isinstance(uploaded, Processing):
            return uploaded
        media_ids = uploaded
    while len(public) < len(thread.texts(call.draft)):
        if public and public != call.checkpoint.get("parts"):
            # Persist the public parts and clear the state of the part that was in flight.
            await call.checkpoint.save(parts=list(public), **thread.NOT_SENT)
        public.append(await _send(call, public, media_ids))
    return thread.published(call, public)


async def _send(call: Call, public: list[str], media_ids: list[str]) -> str:
    """The id of the next part, once X has taken it."""
    sent_before = call.checkpoint.get("first_sent_ms") is not None
    if not sent_before:
        call.checkpoint["first_sent_ms"] = int(clock.unix_seconds() * 1000)
    try:
        answer = await call.http.post(
            POSTS,
            headers=call.account.bearer,
            json=thread.body(call.draft, public, media_ids),
            irreversible=True,
        )
    except OutcomeUnknown:
        raise
    except PlatformError as refusal:
        raise await _refused(refusal, call, sent_before=sent_before) from refusal
    return answer.take("data", "id")


async def _refused(refusal: PlatformError, call: Call, *, sent_before: bool) -> PlatformError:
    """What a refusal means after the earlier tries to send this part."""
    checkpoint = call.checkpoint
    if refusal.code == "duplicate_content" and sent_before:
        # The lost post is public after all, or another with the same text is: a lookup tells.
        # The earlier send is still without an answer.
        checkpoint.state = "sent"
        await checkpoint.save(duplicate=True)
        return refusal.as_(OutcomeUnknown, "X says that this text is already public.")
    if not sent_before:
        # This send published nothing, so a lookup must not start at it.
        checkpoint["first_sent_ms"] = None
    is_lost = checkpoint.get("media") and errors.is_about_media_ids(refusal)
    if is_lost and await media.forget(checkpoint):
        return refusal.as_(Unavailable, "X has forgotten the uploaded media.")
    await checkpoint.save()
    return refusal


def _with_scopes_known(error: PlatformError, account: Credentials) -> PlatformError:
    """A bare 403 means a missing scope, unless all scopes are known to be granted."""
    if error.code != "permission_missing" or not account.scopes:
        return error
    if oauth.missing(XOAuth(), account.scopes):
        return error
    return error.as_(Rejected, "X does not permit this account to post this.")
