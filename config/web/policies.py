"""The Content-Security-Policy of each kind of page."""

from functools import cache
from typing import Any

from csp.constants import HEADER, NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CheckableLazyObject, CSPMiddleware, PolicyParts
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

#: Our own pages have their few styles and scripts inline and load nothing.
PAGES: dict[str, list[Any]] = {
    "default-src": [NONE],
    "style-src": [NONCE],
    "script-src": [NONCE],
    "img-src": ["data:"],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}
#: Unfold has no inline scripts, but its Alpine compiles expressions from attributes, which needs
#: eval; themes, Alpine and charts write style attributes. Our error pages there use the nonce.
ADMIN = {
    **PAGES,
    "script-src": [SELF, UNSAFE_EVAL, NONCE],
    "style-src": [SELF, UNSAFE_INLINE, NONCE],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
}
#: Swagger UI and Redoc write their own styles; Redoc starts a worker from a blob.
API_VIEWERS = {
    **PAGES,
    "default-src": [SELF],
    "script-src": [SELF],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "worker-src": ["blob:"],
}
#: The post's pictures are ours, or on the storage that their links name.
SHARED_POSTS = {
    **PAGES,
    "script-src": [SELF],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "https:"],
    "media-src": [SELF, "https:"],
}
VIEWERS = ("/api/docs", "/api/redoc", "/compat/api/docs", "/compat/api/redoc")
#: By the beginning of the path; everywhere else it is PAGES, by settings.
BY_PREFIX = {"/admin/": ADMIN, "/share/": SHARED_POSTS, **dict.fromkeys(VIEWERS, API_VIEWERS)}


@cache
def without_nonce(prefix: str) -> str:
    """The policy of an answer that has nothing inline; built once."""
    return build_policy(BY_PREFIX.get(prefix))


class PolicyMiddleware(CSPMiddleware):
    """Adds its page's policy to every answer that does not bring one of its own."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        has_nonce = getattr(request, "_csp_nonce", None) is not None
        # What django-csp's decorators leave on the answer of a view.
        has_own = any(name.startswith("_csp_") for name in response.__dict__)
        if has_nonce or has_own or settings.DEBUG:
            return super().process_response(request, response)
        # The answers of programs, among others: to build their policy is 0.05 ms.
        response.headers.setdefault(HEADER, without_nonce(_prefix(request)))
        request.csp_nonce = CheckableLazyObject(self._csp_nonce_post_response)  # type: ignore[attr-defined]
        return response

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if parts.config is None and not report_only:
            parts.config = BY_PREFIX.get(_prefix(request))
        return parts


def _prefix(request: HttpRequest) -> str:
    """The one of BY_PREFIX that the path has; "" if none."""
    return next((each for each in BY_PREFIX if request.path_info.startswith(each)), "")
