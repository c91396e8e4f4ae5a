"""Print which readers of the registry do not show a network that has joined by its line."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDED = {
    "from platforms.adapter import Adapter\n": "from tests.house.example_network import Pigeon\n",
    "        Threads(),\n": "        Pigeon(),\n",
}


def join() -> None:
    source = (ROOT / "platforms/registry.py").read_text()
    for place, line in ADDED.items():
        assert source.count(place) == 1, f"{place!r} is not in the registry once."
        source = source.replace(place, place + line)
    registry = sys.modules["platforms.registry"] = ModuleType("platforms.registry")
    exec(compile(source, "registry.py", "exec"), registry.__dict__)


def look() -> dict[str, bool]:
    import django

    django.setup()

    from django.conf import settings

    from deploy.simulator import app
    from tests.house.example_simulator import PigeonNetwork

    app.NETWORKS = (*app.NETWORKS, PigeonNetwork)

    from config.observability import redaction
    from config.queue import routing
    from deploy.local.demo import networks
    from destinations.accounts import oauth_apps
    from posts.api.schema import answers
    from posts.api.schema import settings as schema
    from posts.api.serializers.accounts import CreateLinkSerializer
    from posts.api.views.platform_rules import described
    from posts.errors import RequestRefused
    from posts.features.repeating import recycling

    with pytest.raises(RequestRefused):
        recycling.check(["pigeon"])
    kinds = CreateLinkSerializer().fields["platform"].choices
    rules = described()["pigeon"]
    return {
        "its app": settings.PLATFORM_APPS["pigeon"].client_id == "coo",
        "its version": settings.API_VERSIONS["pigeon"] == "2027",
        "its queues": {"publish.pigeon", "publish.pigeon.upload"} <= set(routing.ALL),
        "its login": oauth_apps.usable("pigeon").redirect_uri.endswith("/connect/pigeon/return"),
        "its tokens": "coo_" not in redaction.text("a token: coo_0123456789abcdef"),
        "its rules": (rules["name"], rules["characterLimit"]) == ("Pigeon", 100),
        "its options": "rings" in answers.content_components()["PigeonSettings"]["properties"],
        "its names": {"pigeon", "dove"} <= {*kinds},
        "its documents": "pigeon" in schema.SETTINGS["ENUM_NAME_OVERRIDES"]["PlatformEnum"],
        "its numbers": "pigeon" in settings.ENGAGEMENT_PLATFORMS,
        "its demo": "pigeon" in {each.platform for each in networks.DEMO_ACCOUNTS},
    }


if __name__ == "__main__":
    join()
    print(*[name for name, is_shown in look().items() if not is_shown])
