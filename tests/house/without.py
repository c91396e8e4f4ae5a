"""Use a program that lacks a feature's folder and line; end badly if it needs them."""

import json
import pkgutil
import sys
import time
from importlib import import_module

import django
from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_test_environment
from django.urls import get_resolver

DOCUMENTS = ("config.mounts.reference", "config.mounts.compat")


def import_everything() -> None:
    """But for what runs in a process of its own."""
    for room in ("config", "destinations", "platforms", "posts"):
        for module in pkgutil.walk_packages(import_module(room).__path__, f"{room}."):
            if not module.name.endswith(("__main__", "_sandboxed")):
                import_module(module.name)


def describe_everything() -> None:
    from drf_spectacular.generators import SchemaGenerator

    from posts.mcp import catalogue

    assert all(get_resolver(urls).reverse_dict for urls in ("config.urls", *DOCUMENTS))
    assert all(SchemaGenerator(urlconf=urls).get_schema(public=True)["paths"] for urls in DOCUMENTS)
    assert "create_post" in catalogue.tools()


def publish_once_and_edit(token: str) -> None:
    from destinations.dispatch import claims
    from destinations.publishing import worker
    from posts.keys import keys
    from tests.factories import make_account, make_workspace

    known = {"token": token, "platform_account_id": "77", "username": "acme"}
    account = make_account(make_workspace(), **known)
    _, secret = keys.create(account.workspace, "Ada", ("read", "write"))
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def ask(method: str, path: str, status: int = 200, **body: object) -> object:
        sent = {"data": json.dumps(body), "content_type": "application/json"} if body else {}
        answer = client.generic(method, f"/api/v1/posts{path}", **sent)
        assert answer.status_code == status, answer.content
        return answer.json()["data"]

    made = ask("POST", "", 201, content="Hello", account_ids=[account.pk])["post_id"]
    for _ in range(2):
        worker.publish(claims.claim(10))
    assert [each["status"] for each in ask("GET", f"/{made}/results")] == ["published"]
    draft = ask("POST", "", 201, content="Draft", draft=True)["post_id"]
    assert {each["id"] for each in ask("GET", "")} == {draft, made}
    ask("PATCH", f"/{draft}", content="Changed")
    assert ask("GET", f"/{draft}")["content"] == "Changed"
    ask("DELETE", f"/{draft}")
    ask("GET", f"/{draft}", 404)


if __name__ == "__main__":
    django.setup()
    setup_test_environment()
    import_everything()
    call_command("check")
    describe_everything()
    publish_once_and_edit(sys.argv[1])
    print(time.process_time())
