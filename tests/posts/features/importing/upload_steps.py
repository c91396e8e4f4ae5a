"""Files as programs send them."""

import csv
import io
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from destinations.runtime import clock


def ahead(days: int = 1) -> str:
    return (clock.now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def table(*rows: dict[str, Any], delimiter: str = ",", end: str = "\r\n") -> str:
    """CSV of the rows, with a column for each of their names."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, names, delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def send_csv(caller: Any, text: str | bytes, query: str = "", **options: Any) -> Any:
    raw = text.encode() if isinstance(text, str) else text
    return caller.call(
        "POST", f"/posts/import{query}", data=raw, content_type="text/csv", **options
    )


def send_form(caller: Any, raw: bytes, name: str, query: str = "") -> Any:
    return caller.client.post(
        f"{caller.mount}/posts/import{query}",
        {"file": SimpleUploadedFile(name, raw)},
        headers={"Authorization": f"Bearer {caller.secret}"},
    )


def data(answer: Any) -> Any:
    return answer.json()["data"]
