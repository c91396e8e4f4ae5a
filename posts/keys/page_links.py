"""Links that features add to the admin's pages of keys and workspaces: objects in their `pages`."""

from abc import ABC, abstractmethod

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from posts import registry
from posts.models import ApiKey, Workspace


class PageLinks(ABC):
    @abstractmethod
    def of_key(self, key: ApiKey) -> SafeString: ...

    @abstractmethod
    def of_workspace(self, workspace: Workspace) -> SafeString: ...


def of_key(key: ApiKey) -> SafeString | str:
    return format_html_join(" ", "{}", ((each.of_key(key),) for each in _every())) or "-"


def of_workspace(workspace: Workspace) -> SafeString | str:
    return (
        format_html_join(" ", "{}", ((each.of_workspace(workspace),) for each in _every())) or "-"
    )


def _every() -> tuple[PageLinks, ...]:
    return registry.hooks(PageLinks, "pages")
