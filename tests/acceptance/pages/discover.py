"""Every page's answer, found in the URL map and the admin's registry.

A new page of the admin is found by itself. One that needs a row gets the first of its model.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from destinations.models import Account, Destination
from posts.models import Post, Workspace

#: What is asked by programs, and what `connecting` shows.
NOT_BY_PEOPLE = ("api/v1", "compat/api/v1", "uploads", "media", "connect", "^(?:api|")
#: What answers something else than a page to who only opens it, by its beginning.
NO_PAGES_ALONE = (
    "/.well-known/", "/oauth/", "/token", "/mcp", "/l/<", "/share/<", "/calendar/<",
    "/admin/login/", "/admin/second-factor/", "/admin/oauth/", "/admin/sso/",
    "/admin/overview/live/", "/admin/overview/charts/", "/admin/overview/failures/retry/",
    "/admin/flower-access/", "/admin/autocomplete/", "/admin/jsi18n/",
    "/admin/config/incident/test/",
)  # fmt: skip
#: And by its end: pictures, and what no operator may do to rows of some models.
ENDS = ("/preview/", "/add/", "/delete/")
#: The kinds of pages of models of which a quick look sees one.
ONE_OF = ("add", "history", "delete")
#: Django's own, which lead elsewhere, and the one of addresses that do not exist.
NO_PAGES = {"view_on_site", "app_list", None}


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as it was answered."""

    path: str
    status: int
    headers: dict[str, str]
    body: bytes
    templates: tuple[str, ...] = ()


def shown(path: str, answer: HttpResponseBase) -> Shown:
    names = tuple(each.name or "" for each in getattr(answer, "templates", []))
    body: bytes = answer.content  # type: ignore[attr-defined]
    return Shown(path, answer.status_code, dict(answer.headers), body, names)


def is_page(answer: HttpResponseBase) -> bool:
    kind = answer.headers.get("Content-Type", "")
    return answer.status_code == 200 and kind.startswith("text/html") and b"<html" in answer.content  # type: ignore[attr-defined]


def get(client: Client, path: str) -> Iterator[Shown]:
    """The page of this address; nothing where none is meant to be."""
    answer = client.get(path)
    if is_page(answer):
        yield shown(path, answer)
    else:
        assert path.startswith(NO_PAGES_ALONE) or path.endswith(ENDS), (path, answer.status_code)


def public() -> Iterator[Shown]:
    """What everybody can open."""
    for pattern in get_resolver().url_patterns:
        if isinstance(pattern, URLPattern) and not str(pattern.pattern).startswith(NOT_BY_PEOPLE):
            yield from get(Client(), f"/{pattern.pattern}")
    yield from get(Client(), reverse("admin:login"))


def of_admin(operator: Client, *, is_quick: bool = False) -> Iterator[Shown]:
    """Every page of the admin that this operator may open; if quick, of some kinds only one."""
    same: set[object] = {ONE_OF} if is_quick else set()
    for pattern in admin.site.get_urls():
        if isinstance(pattern, URLResolver):
            yield from _of_model(operator, pattern, same)
        elif pattern.name not in NO_PAGES and pattern.name != "logout":
            yield from get(operator, reverse(f"admin:{pattern.name}"))


def _of_model(operator: Client, resolver: URLResolver, same: set[object]) -> Iterator[Shown]:
    model = next(
        each
        for each in admin.site._registry  # Django has no other list
        if str(resolver.pattern) == f"{each._meta.app_label}/{each._meta.model_name}/"
    )
    for pattern in resolver.url_patterns:
        if pattern.name is None:
            continue
        kind = pattern.name.rpartition("_")[2]
        for arguments in _arguments(model, pattern):
            path = reverse(f"admin:{pattern.name}", kwargs=arguments)
            for page in get(operator, path) if kind not in same else ():
                # These look the same for every model, unless their templates differ.
                if kind in ("history", "delete"):
                    if page.templates in same:
                        continue
                    same.add(page.templates)
                if ONE_OF in same and kind in ONE_OF:
                    same.add(kind)
                yield page


def _arguments(model: type[Model], pattern: URLPattern) -> list[dict[str, Any]]:
    """What the address of each page that is shown is made of."""
    names = list(pattern.pattern.converters)
    if names == ["scope", "target"]:
        return [
            {"scope": each._meta.model_name, "target": row.pk}
            for each in (Workspace, Account)
            for row in _rows(each)
        ]
    return [dict.fromkeys(names, row.pk) for row in _rows(model)] if names else [{}]


def _rows(model: type[Model]) -> list[Model]:
    """The first one; of posts and destinations one in each state."""
    if model in (Post, Destination):
        return list(model.objects.order_by("status", "pk").distinct("status"))
    first = model.objects.order_by("pk").first()
    assert first is not None, f"no {model.__name__} to show: make one in rows.py"
    return [first]


def of_actions(operator: Client, request: Any) -> Iterator[Shown]:
    """What the actions of every list ask before they do anything."""
    asked: set[str] = set()
    for model, page in admin.site._registry.items():
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        chosen = [row.pk for row in model.objects.order_by("-pk")[:20]]
        for action in page.get_actions(request):
            if action in asked:
                continue
            answer = operator.post(path, {"action": action, "_selected_action": chosen})
            if is_page(answer):
                asked.add(action)
                yield shown(f"{path}#{action}", answer)
