"""Both mounts serve the same calls under the same rules: scopes, costs and repeating."""

from typing import Any

from posts.api import urls
from posts.api.compat import urls as compat
from posts.api.endpoints import options_of
from tests.posts.api.cases import cases
from tests.posts.api.endpoints import methods


def served(patterns: list[Any]) -> dict[tuple[str, str], Any]:
    """The view of each call, by method and path."""
    return {
        (method, str(pattern.pattern)): pattern.callback
        for pattern in patterns
        for method in methods(pattern.callback)
    }


REFERENCE, COMPAT = served(urls.urlpatterns), served(compat.urlpatterns)


def test_both_mounts_serve_the_same_calls():
    assert COMPAT.keys() == REFERENCE.keys()


@cases("call", sorted(REFERENCE))
def test_a_call_has_the_same_rules_at_both_mounts(call):
    there, here = COMPAT[call], REFERENCE[call]

    assert issubclass(there.cls, here.cls)
    assert options_of(there, call[0]) == options_of(here, call[0])
    for name in ("authentication_classes", "permission_classes", "parser_classes"):
        assert getattr(there.cls, name) == getattr(here.cls, name)
