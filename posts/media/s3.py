"""The file storage in an S3 bucket, instead of on our disk.

Customers upload straight to the bucket, with a URL that is signed for one key, type and size. The
URL stays valid after the file was checked. So an upload is first copied to another key, which
customers cannot write to, and the copy is checked and sent.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from botocore.auth import AUTH_TYPE_MAPS, SIGV4_TIMESTAMP, S3SigV4QueryAuth
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from storages.backends.s3 import S3Storage

from posts.media import storage
from posts.media.storage import Away

#: Botocore's own would have one call wait for ten minutes for a bucket that does not answer.
PATIENCE = Config(connect_timeout=5, retries={"total_max_attempts": 2})
_MISSING = {"404", "NoSuchKey", "NotFound"}
#: The longest validity of an S3 signature.
MOST_SECONDS = 7 * storage.DAY_SECONDS
#: The name under which botocore finds the signer below.
_OF_THE_DAY = "dovecote-day-query"


class _DayUrlSigner(S3SigV4QueryAuth):
    """Signs with the time at which all links of a day count as signed."""

    def _modify_request_before_signing(self, request: Any) -> None:
        signed_at = datetime.fromtimestamp(storage.signed_at(), UTC)
        request.context["timestamp"] = signed_at.strftime(SIGV4_TIMESTAMP)
        super()._modify_request_before_signing(request)


AUTH_TYPE_MAPS[_OF_THE_DAY] = _DayUrlSigner


def _choose_signer(signature_version: str, **_: object) -> str | None:
    return _OF_THE_DAY if signature_version.endswith("-query") else None


class Bucket(S3Storage):
    """Raises FileNotFoundError and Away, like files on disk."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.client_config = self.client_config.merge(PATIENCE)  # type: ignore[has-type]

    def url(
        self,
        name: str,
        parameters: dict[str, Any] | None = None,
        expire: int | None = None,
        http_method: str | None = None,
    ) -> str:
        """Return a link that is the same all day, valid for up to a week from the day's start."""
        seconds = min(storage.good_seconds(), MOST_SECONDS)
        return str(super().url(name, parameters, expire or seconds, http_method))

    @property
    def connection(self) -> Any:
        found = super().connection
        events = found.meta.client.meta.events
        events.register("choose-signer.s3.GetObject", _choose_signer, unique_id=_OF_THE_DAY)
        return found

    def get_object_parameters(self, name: str) -> dict[str, str]:
        return {
            **super().get_object_parameters(name),
            **{
                header.replace("-", ""): value
                for header, value in storage.link_headers(name).items()
            },
        }

    def upload_url(self, key: str, content_type: str, size_bytes: int | None, seconds: int) -> str:
        """Return a URL for a PUT of exactly so many bytes of this type, without credentials.

        Without a size the bucket takes any number; they are counted on completion.
        """
        asked = {
            "Bucket": self.bucket_name,
            "Key": key,
            "ContentType": content_type,
            **({} if size_bytes is None else {"ContentLength": size_bytes}),
        }
        url: str = self._client.generate_presigned_url("put_object", asked, ExpiresIn=seconds)
        return url

    def take_over(self, sent: str, key: str) -> None:
        """Copy an upload, within the bucket, to a key that customers cannot write to."""
        source = {"Bucket": self.bucket_name, "Key": sent}
        with _explained(sent):
            self._client.copy_object(
                Bucket=self.bucket_name,
                Key=key,
                CopySource=source,
                MetadataDirective="REPLACE",
                **self.get_object_parameters(key),
            )

    def size(self, name: str) -> int:
        with _explained(name):
            found = self._client.head_object(Bucket=self.bucket_name, Key=name)
        return int(found["ContentLength"])

    def delete(self, name: str) -> None:
        with _explained(name):
            super().delete(name)

    def delete_folder(self, prefix: str) -> None:
        with _explained(prefix):
            for failed in self.bucket.objects.filter(Prefix=prefix).delete():
                if errors := failed.get("Errors"):
                    raise Away(f"{prefix}: {errors[0].get('Code')}")

    def _save(self, name: str, content: Any) -> str:
        with _explained(name):
            return str(super()._save(name, content))

    def _open(self, name: str, mode: str = "rb") -> File:
        return File(_Object(self, name, self.size(name)), name)  # type: ignore[arg-type]

    @property
    def _client(self) -> Any:
        return self.connection.meta.client


class _Object(io.RawIOBase):
    """A seekable object, read by ranges: it is never in memory or in a file as a whole."""

    def __init__(self, bucket: Bucket, name: str, size: int) -> None:
        self._bucket, self.name, self.size = bucket, name, size
        self._place = 0
        self._body: Any = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self.size}[whence]
        place = max(0, start + offset)
        if place != self._place:
            self._hang_up()
        self._place = place
        return place

    def tell(self) -> int:
        return self._place

    def read(self, size: int | None = -1) -> bytes:
        left = max(0, self.size - self._place)
        wanted = left if size is None or size < 0 else min(size, left)
        if not wanted:
            return b""
        with _explained(self.name):
            if self._body is None:
                self._body = self._bucket._client.get_object(
                    Bucket=self._bucket.bucket_name, Key=self.name, Range=f"bytes={self._place}-"
                )["Body"]
            content: bytes = self._body.read(wanted)
        if not content:
            raise Away(f"{self.name} ended early.")
        self._place += len(content)
        return content

    def readinto(self, buffer: Any) -> int:
        content = self.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._hang_up()
        super().close()

    def _hang_up(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


@contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if str(error.response.get("Error", {}).get("Code")) in _MISSING:
            raise FileNotFoundError(name) from None
        raise Away(f"{name}: {error}") from error
    except BotoCoreError as error:
        raise Away(f"{name}: {error}") from error
