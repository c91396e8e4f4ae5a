"""Add links to their part of the log to pages of keys and workspaces."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from posts.keys.page_links import PageLinks
from posts.models import ApiKey, Workspace


class LogLinks(PageLinks):
    def of_key(self, key: ApiKey) -> SafeString:
        return _link("API requests with this key", api_key__id__exact=key.pk)

    def of_workspace(self, workspace: Workspace) -> SafeString:
        return _link("API requests of this workspace", workspace__id__exact=workspace.pk)


def _link(text: str, **query: object) -> SafeString:
    url = f"{reverse('admin:posts_apirequest_changelist')}?{urlencode(query)}"
    return format_html('<a class="dovecote-link" href="{}">{}</a>', url, text)


HOOKS = (LogLinks(),)
