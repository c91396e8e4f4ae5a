"""A program in which posts have one more field, `mood`: asks each reader for it.

Only the declaration and the two columns are new, as in a release that adds a plain text field.
"""

import csv
import io
import json
import tempfile
from dataclasses import replace

import django
from django.db import connection, models
from django.db.models.signals import class_prepared

from posts import content
from posts.content import Field, Form


def add_column(sender, **_):
    if sender.__module__.startswith("posts.") and sender.__name__ in ("Post", "Recurrence"):
        models.TextField(default="", db_default="").contribute_to_class(sender, "mood")


def walk():
    from drf_spectacular.generators import SchemaGenerator

    from deploy.clients.builders import python_source
    from deploy.clients.operations import Document
    from posts.features.approval import summary
    from posts.features.approval.models import Approval, ApprovalEvent
    from posts.mcp import catalogue
    from posts.models import Post
    from tests.factories import make_account, make_workspace
    from tests.posts.conftest import make_caller
    from tests.posts.features.importing.upload_steps import ahead, send_csv
    from tests.posts.features.repeating.conftest import begin, posts
    from tests.posts.features.repeating.test_recycling import look, made, recycled
    from tests.posts.features.webhooks.webhook_factories import make_webhook, told

    ada = make_caller(make_workspace(), "Ada")
    account = make_account(ada.workspace, "facebook")

    def newest():
        return Post.objects.latest("created_at")

    body = {"content": "Hi", "account_ids": [account.pk], "scheduled_at": ahead(), "mood": "calm"}
    path = f"/posts/{ada.post('/posts', body).json()['data']['post_id']}"
    shown = [ada.get("/posts").json()["data"][0], ada.get(path).json()["data"]]
    shown += [replace(ada, mount="/compat/api/v1").get(path).json()["data"]]
    assert [each["mood"] for each in shown] == ["calm"] * 3
    table, listed = (
        b"".join(ada.get(f"/posts/export?format={kind}").streaming_content)
        for kind in ("csv", "json")
    )
    (row,) = csv.DictReader(io.StringIO(table.decode("utf-8-sig"), newline=""))
    assert row["mood"] == json.loads(listed)["posts"][0]["mood"] == "calm"
    Post.objects.all().delete()
    assert send_csv(ada, table).status_code == 201
    assert newest().mood == "calm"
    for path in ("/posts/import", "/posts/bulk"):
        draft = {"content": path, "draft": True, "mood": path}
        assert ada.post(path, {"posts": [draft]}).status_code == 201
        assert newest().mood == path

    make_webhook(ada.workspace, "post.updated")
    ada.post("/posts", body)
    post = newest()
    now = {"status": "approved", "stage": "client", "approved": summary.version(post)}
    Approval.objects.create(post=post, workspace=ada.workspace, **now)
    assert ada.patch(f"/posts/{post.public_id}", {"mood": "glad"}).status_code == 200
    assert newest().mood == "glad"
    assert told(ada.workspace, "post.updated")[0][1]["changed"] == ["mood"]
    edited = ApprovalEvent.objects.get(post=post, action="edited")
    assert edited.changes == {"mood": {"before": "calm", "after": "glad"}}
    assert Approval.objects.get(post=post).status == "pending"

    rule = begin(ada, account, mood="calm")
    assert {each.mood for each in posts(rule)} == {"calm"}
    changed = ada.patch(f"/recurrences/{rule.pk}", {"mood": "glad"}).json()["data"]
    assert {changed["mood"], *(each.mood for each in posts(rule))} == {"glad"}
    recycled(ada, account, mood="calm")
    assert (look(), made()[0].mood) == (1, "calm")

    tools = [each.listed for each in catalogue.tools().values()]
    takes = {each.name for each in tools if "mood" in each.input_schema["properties"]}
    assert {"create_post", "schedule_post", "update_post", "update_recurrence"} <= takes
    document = SchemaGenerator(urlconf="config.mounts.reference").get_schema(public=True)
    assert "mood" in document["components"]["schemas"]["ImportedPost"]["properties"]
    calls = python_source.calls(Document(document)).split("\n\ndef ")
    named = {call.partition("(")[0] for call in calls if "mood: str | None | Unset" in call}
    assert named == {"create_post", "edit_post", "preview_post", "validate_post", "edit_recurrence"}


def main():
    content.FIELDS += (Field("mood", Form.TEXT, is_plain=True),)
    content.HELP["mood"] = "How the post feels."
    class_prepared.connect(add_column)
    django.setup()
    from django.test import override_settings, utils

    with connection.cursor() as cursor:
        for table in ("posts_post", "posts_recurrence"):
            cursor.execute(f"ALTER TABLE {table} ADD COLUMN mood text NOT NULL DEFAULT ''")
    utils.setup_test_environment()
    with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder):
        walk()


if __name__ == "__main__":
    main()
