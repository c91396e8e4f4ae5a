"""Build what receivers get: the event as JSON, with ids in the form their customer knows."""

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from destinations import public_ids
from posts.features.webhooks.models import Webhook

#: Names of `data` that hold a row's id, with the prefix of its public form.
PREFIXES = {
    "post_id": public_ids.POST,
    "recycled_from": public_ids.POST,
    "destination_id": public_ids.DESTINATION,
}


def build(
    event: str, event_id: uuid.UUID, workspace_id: uuid.UUID, at: datetime, data: dict[str, Any]
) -> str:
    """Return the body of an event, compact, with public ids: what is stored; see `in_form`."""
    # A post without notes of its customer's looks as before there were any.
    if not data.get("metadata"):
        data.pop("metadata", None)
    envelope = {
        "event": event,
        "event_id": str(event_id),
        "created_at": _time(at),
        "organization_id": str(workspace_id),
        "data": _with_ids(data, public_ids.encode),
    }
    return _text(envelope)


def in_form(body: str, id_form: str) -> str:
    """Return what a webhook with this form of ids gets of a stored body.

    Follows from these two alone, and neither ever changes: so every attempt sends the same bytes.
    """
    if id_form == Webhook.IdForm.PUBLIC or not body:
        return body
    envelope = json.loads(body)
    return _text({**envelope, "data": _with_ids(envelope["data"], _uuid)})


def _text(envelope: Mapping[str, Any]) -> str:
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))


def _uuid(prefix: str, key: uuid.UUID) -> str:
    return str(key)


def _time(at: datetime) -> str:
    """Return a time with milliseconds, because receivers sort by it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _with_ids(data: dict[str, Any], write: Callable[[str, uuid.UUID], str]) -> dict[str, Any]:
    """Write the ids of an event and of each of its destinations in this form."""
    found: dict[str, Any] = {}
    for name, value in data.items():
        if name in PREFIXES:
            key = public_ids.decode(PREFIXES[name], value)
            found[name] = write(PREFIXES[name], key) if key else value
        elif name == "destinations":
            found[name] = [_with_ids(each, write) for each in value]
        else:
            found[name] = value
    return found
