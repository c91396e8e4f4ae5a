"""Put a row of a workspace into every table that leads to one, whichever tables there are."""

import re
import uuid
from graphlib import TopologicalSorter
from typing import Any

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models

from destinations.accounts import encryption
from destinations.models import Account, Destination
from destinations.runtime import clock
from destinations.runtime.redis_client import client
from platforms.drafts import Draft
from posts.features.erasing import tables
from posts.models import OAuthClient, Post, Workspace
from tests.psql import psql

#: Columns that name a row without a foreign key.
PLAIN = {Post: "post_id", Destination: "destination_id"}


class Filled:
    """A workspace with a row of everything. `mark` is in its texts, `account_mark` in names."""

    def __init__(self, number: int, **fields: Any) -> None:
        # Other tests have emptied its table.
        ContentType.objects.clear_cache()
        self.mark, self.account_mark = f"mark{number}w", f"mark{number}a"
        self.workspace = Workspace.objects.create(name=self.mark)
        self.number = number
        self.made: dict[type[models.Model], models.Model] = {Workspace: self.workspace}
        self.made[OAuthClient] = self._save(OAuthClient)
        for model in _ordered():
            self.made[model] = self._save(model, **(fields if model is Destination else {}))
        self.account: Account = self.made[Account]  # type: ignore[assignment]
        self.post: Post = self.made[Post]  # type: ignore[assignment]
        self.destination: Destination = self.made[Destination]  # type: ignore[assignment]
        for row in list(self.made.values()):
            _log(row, self.mark)

    def _save(self, model: type[models.Model], **fields: Any) -> models.Model:
        values = {
            field.name: self._value(model, field)
            for field in model._meta.concrete_fields
            if not isinstance(field, models.AutoField | models.BigAutoField) and not field.generated
        }
        values |= fields
        key = model._meta.pk.name
        if key in values and (found := model._default_manager.filter(pk=values[key]).first()):
            return found  # made by a trigger
        if model is Account:
            values |= {"pk": self.number, "credentials": encryption.seal({"token": self.mark})}
        row = model(**values)
        row.save(force_insert=True)
        return row

    def _value(self, model: type[models.Model], field: Any) -> Any:
        if field.is_relation:
            return self.made.get(field.related_model)
        own = {
            "workspace_id": self.workspace.pk,
            "post_id": getattr(self.made.get(Post), "pk", None),
            "destination_id": getattr(self.made.get(Destination), "pk", None),
            "platform": "x",
            "queue": "publish.x",
            "draft": Draft(text=self.mark).as_json(),
            "event": "post.published",
            "data": f'{{"account_id": {self.number}, "text": "{self.mark}"}}',
            "body": {} if isinstance(field, models.JSONField) else self.mark,
            "account_number": self.number,
            "status": 200 if isinstance(field, models.IntegerField) else "published",
            "path": f"/api/v1/accounts/{self.number}",
            "revoked_at": None,
            "due_at": None,
            "claim": None,
            "refresh_claim": None,
            "next_retry_at": None,
            "slots": [],
            "request_limits": "",
        }
        is_given = field.name in own and (own[field.name] is not None or field.null)
        return own[field.name] if is_given else self._by_type(model, field)

    def _by_type(self, model: type[models.Model], field: Any) -> Any:
        if isinstance(field, models.UUIDField):
            return uuid.uuid4()
        if isinstance(field, ArrayField):
            of = {models.BigIntegerField: self.number, models.UUIDField: uuid.uuid4()}
            return [of.get(type(field.base_field), "read")]
        if isinstance(field, models.JSONField):
            return [self.number] if field.name == "account_ids" else {"text": self.mark}
        if isinstance(field, models.CharField | models.TextField):
            names_account = model is Account or field.name == "account_name"
            return (self.account_mark if names_account else self.mark)[: field.max_length or 99]
        if isinstance(field, models.BinaryField):
            return uuid.uuid4().bytes
        if isinstance(field, models.BooleanField):
            return False
        if isinstance(field, models.DateTimeField):
            return clock.now()
        return clock.now().date() if isinstance(field, models.DateField) else 1


def _ordered() -> list[type[models.Model]]:
    known = tables.lookups()
    needed = {
        model: {
            field.related_model
            for field in model._meta.concrete_fields
            if field.is_relation and field.related_model in known and field.related_model != model
        }
        for model in known
    }
    for model, parents in needed.items():
        names = {field.name for field in model._meta.concrete_fields}
        parents |= {each for each, name in PLAIN.items() if name in names}
    return [model for model in TopologicalSorter(needed).static_order() if model in known]


def _log(row: models.Model, text: str) -> None:
    LogEntry.objects.create(
        user=User.objects.get_or_create(username="op")[0],
        content_type=ContentType.objects.get_for_model(type(row)),
        object_id=str(row.pk),
        object_repr=text,
        action_flag=CHANGE,
    )


def every_table() -> list[str]:
    return [t for (t,) in psql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]


def rows_with(pattern: str) -> dict[str, list[str]]:
    """The rows of each table, as text, that a regular expression finds."""
    found = {}
    for table in every_table():
        sql = f'SELECT r::text FROM "{table}" r WHERE r::text ~* %s ORDER BY 1'
        if rows := psql(sql, [pattern]):
            found[table] = [row for (row,) in rows]
    return found


def redis_with(pattern: str) -> list[str]:
    """The keys in Redis whose name or value a regular expression finds."""
    server = client(settings.REDIS_URL)
    read = {
        "string": server.get,
        "hash": server.hgetall,
        "zset": lambda key: server.zrange(key, 0, -1),
        "set": server.smembers,
        "list": lambda key: server.lrange(key, 0, -1),
    }
    every = ((key.decode(), key) for key in server.scan_iter())
    texts = ((name, f"{name} {read[server.type(key).decode()](key)}") for name, key in every)
    return sorted(name for name, text in texts if re.search(pattern, text, re.IGNORECASE))
