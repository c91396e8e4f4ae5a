"""Files of posts as request bodies: CSV, JSON, or either in a form."""

from dataclasses import dataclass
from typing import IO, Any

from django.core.exceptions import SuspiciousOperation
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, MultiPartParser

from posts.api import parsers
from posts.api.parsers import Amount
from posts.errors import RequestRefused, invalid
from posts.features.importing.formats import files
from posts.features.importing.formats.files import ParsedFile

#: A post has a few lists and objects.
JSON_AMOUNT = Amount(files.MOST_BYTES, 10 * files.MOST_ROWS, 60 * files.MOST_ROWS)


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it was sent."""

    raw: bytes
    is_json: bool
    name: str = ""

    def read(self) -> ParsedFile:
        """Return its rows. Raises RequestRefused, ParseError or ValidationError."""
        if self.is_json:
            return files.read_json(parsers.decode(self.raw, JSON_AMOUNT))
        return files.read_csv(self.raw)


class CSVParser(BaseParser):
    media_type = "text/csv"
    is_json = False

    def parse(self, stream: IO[bytes], *args: Any, **kwargs: Any) -> Any:
        return SentFile(bounded(stream), self.is_json)


class JSONFileParser(CSVParser):
    media_type = "application/json"
    is_json = True


class FormParser(MultiPartParser):
    """A form with one `file`."""

    def parse(self, stream: IO[bytes], *args: Any, **kwargs: Any) -> Any:
        try:
            form = super().parse(stream, *args, **kwargs)
        except (SuspiciousOperation, ValueError) as error:
            raise ParseError(f"The form is malformed: {error}") from None
        file = form.files.get("file")
        if file is None:
            raise invalid("file", "Send the file in the field file of the form.")
        raw = bounded(file)
        name = file.name or ""
        named = name.lower().rpartition(".")[2]
        is_json = named == "json" or (
            named != "csv" and file.content_type == JSONFileParser.media_type
        )
        return SentFile(raw, is_json, name[:255])


def bounded(stream: IO[bytes]) -> bytes:
    """Return what there is to read. Raises RequestRefused if it is too much."""
    raw: bytes = stream.read(files.MOST_BYTES + 1)
    if len(raw) > files.MOST_BYTES:
        raise RequestRefused("file_too_large", f"A file has at most {files.MOST_BYTES} bytes.")
    return raw
