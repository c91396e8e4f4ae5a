"""The Content-Security-Policy of each kind of page."""

from typing import Any

from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
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
#: Swagger UI and Redoc write their own styles and scripts; Redoc starts a worker from a blob.
API_VIEWERS = {
    **PAGES,
    "default-src": [SELF],
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "worker-src": ["blob:"],
}
#: By the beginning of the path; everywhere else it is PAGES, by settings.
BY_PREFIX = {"/admin/": ADMIN, "/api/docs": API_VIEWERS, "/api/redoc": API_VIEWERS}


class PolicyMiddleware(CSPMiddleware):
    """Adds its page's policy to every answer that does not bring one of its own."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if parts.config is None and not report_only:
            prefixes = (prefix for prefix in BY_PREFIX if request.path_info.startswith(prefix))
            parts.config = BY_PREFIX.get(next(prefixes, ""))
        return parts
