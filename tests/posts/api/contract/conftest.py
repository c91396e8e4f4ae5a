from destinations.models import Destination, Event
from posts.models import ApiKey, Media, Post, PostMedia
from tests.destinations.conftest import app, browser  # noqa: F401 - fixtures
from tests.factories import make_account


def connected(caller, simulator, number: str, **fields):
    """An account of the caller's on X, which the simulated network knows."""
    token = simulator.connect("x", number, username=f"acme{number}")
    known = {"platform_account_id": number, "username": f"acme{number}", **fields}
    return make_account(caller.workspace, "x", token=token, **known)


def is_nothing_made() -> bool:
    return not any(model.objects.exists() for model in (Post, Destination, Event, PostMedia))


def stored() -> list[list[dict]]:
    """All rows that a refused request must leave as they are."""
    models = (Post, Destination, Event, PostMedia, Media)
    keys = ApiKey.objects.order_by("pk").values("id", "digest", "scopes")
    return [*(list(model.objects.order_by("pk").values()) for model in models), list(keys)]
