"""Read and fetch the files that rows name by URL, by the jobs of POST /media/upload-from-url."""

import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from platforms.downloads import fetch as downloads
from posts.errors import RequestRefused, invalid
from posts.features.importing.models import Import, ImportFile
from posts.media.fetch import request
from posts.models import Media

FIELD = "media_urls"
#: How many files a row may name; networks take fewer.
MOST = 20


def urls_of(body: Mapping[str, Any]) -> list[str]:
    """Return the row's URLs, each once. Raises RequestRefused for one that is not allowed."""
    given = body.get(FIELD) or []
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise invalid(FIELD, "This is a list of addresses.")
    urls = list(dict.fromkeys(given))
    if len(urls) > MOST:
        raise invalid(FIELD, f"A row names at most {MOST} addresses.")
    for url in urls:
        _check(url)
    return urls


def any_in(bodies: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether files must be fetched for any of these rows."""
    return any(body.get(FIELD) for body in bodies)


def _check(url: str) -> None:
    try:
        downloads.check(url, settings.FETCH_PRIVATE_HOSTS)
    except downloads.ForbiddenURL as error:
        raise invalid(FIELD, str(error)) from None


def fetch_files(job: Import, urls: Collection[str]) -> list[uuid.UUID] | None:
    """Return the files at these URLs, which are fetched if need be; None: some are not here yet.

    Raises RequestRefused if one cannot be had.
    """
    found = [_file(job, url) for url in urls]
    for file, url in zip(found, urls, strict=True):
        if file is None or file.status == Media.Status.FAILED:
            raise _refused(file, url)
    ready = [file.pk for file in found if file and file.status == Media.Status.READY]
    return ready if len(ready) == len(found) else None


def _file(job: Import, url: str) -> Media | None:
    """Return the file at this URL, fetched once for all rows; None if it was deleted meanwhile."""
    digest = hashlib.sha256(url.encode()).hexdigest()
    known = ImportFile.objects.filter(source=job, digest=digest).select_related("media").first()
    if known is not None:
        return known.media
    with transaction.atomic():
        media = request.begin(job.workspace_id, url)
        ImportFile.objects.create(source=job, url=url, digest=digest, media=media)
    return media


def _refused(file: Media | None, url: str) -> RequestRefused:
    why = file.error if file else "The file was deleted before its post was made."
    return RequestRefused("invalid_media", f"{url[:200]}: {why}", field="media_urls")
