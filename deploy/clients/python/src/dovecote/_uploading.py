"""Uploading: announce a file, send its bytes to where the server says, have it checked."""

import httpx

from dovecote import calls
from dovecote._answers import error_of
from dovecote._api_error import ApiError, NoAnswer
from dovecote._exchange import NEVER_SENT, USER_AGENT, Connection, Retries
from dovecote._files import Body, File, Progress, Source, describe
from dovecote._steps import Send, Steps
from dovecote._waiting import WAIT_SECONDS, ready
from dovecote.models import CompletedMedia, MediaItem, Upload

#: Of silence, not of the whole upload.
SILENCE_SECONDS = 60.0


def upload(
    connection: Connection,
    file: Source,
    *,
    filename: str | None = None,
    content_type: str | None = None,
    progress: Progress | None = None,
) -> Steps[CompletedMedia]:
    """Upload a file by its path, or bytes; its `media_id` goes into `media_ids` of a post.

    The type is guessed from how the file begins, then from its name. `progress` is called with
    the bytes sent and the bytes in all. Raises MediaError if the type is unknown, ApiError if
    the file is refused, OSError if it cannot be read.
    """
    described = describe(file, filename, content_type)
    announced = yield from connection.exchange(
        calls.create_upload(
            content_type=described.content_type,  # type: ignore[arg-type]  # it refuses others
            filename=described.filename,
            size=described.size,
        )
    )
    yield from _put(announced.data, described, progress, connection.patience)
    completed = yield from connection.exchange(calls.complete_upload(announced.data.media_id))
    return completed.data


def upload_from_url(
    connection: Connection,
    url: str,
    *,
    filename: str | None = None,
    timeout: float = WAIT_SECONDS,
    idempotency_key: str | None = None,
) -> Steps[MediaItem]:
    """Have the server fetch a file, and wait until it can be used.

    Raises MediaError if it cannot, StillWorking if it takes longer than `timeout` seconds.
    """
    call = calls.upload_from_url(url, filename=filename, idempotency_key=idempotency_key)
    fetched = yield from connection.exchange(call)
    return (yield from ready(connection, str(fetched.data.media_id), timeout))


def _put(place: Upload, file: File, progress: Progress | None, patience: float) -> Steps[None]:
    """Send the bytes; all of them again if the connection breaks."""
    retries = Retries(patience)
    while True:
        failed: ApiError | NoAnswer
        try:
            response: httpx.Response = yield Send(_request(place, file, progress))
        except httpx.TransportError as lost:
            told = f"{file.filename} could not be uploaded: {str(lost) or type(lost).__name__}."
            failed = NoAnswer(told, may_be_done=False, idempotency_key=None)
            again = not isinstance(lost, NEVER_SENT)
        else:
            if response.is_success:
                return
            failed = error_of(response)
            again = failed.retryable
        yield from retries.pause(failed, again)


def _request(place: Upload, file: File, progress: Progress | None) -> httpx.Request:
    """Without the key: the address itself is secret, and may be another company's."""
    return httpx.Request(
        place.upload_method.method,
        place.upload_url,
        headers={
            # A request with a stream gets no headers by itself.
            "Host": httpx.URL(place.upload_url).netloc.decode(),
            "Content-Type": place.upload_method.content_type,
            "Content-Length": str(file.size),
            "User-Agent": USER_AGENT,
        },
        stream=Body(file, progress),
        extensions={"timeout": httpx.Timeout(SILENCE_SECONDS).as_dict()},
    )
