"""Print what the product shows of a network that has joined by its import and its line."""

import json
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
IMPORT, LINE = "from platforms.adapter import Adapter\n", "        Threads(),\n"


def join() -> None:
    source = (ROOT / "platforms/registry.py").read_text()
    for place, added in (
        (IMPORT, "from tests.house.pigeon import Pigeon\n"),
        (LINE, "        Pigeon(),\n"),
    ):
        assert source.count(place) == 1, f"{place!r} is not in the registry once."
        source = source.replace(place, place + added)
    registry = ModuleType("platforms.registry")
    sys.modules["platforms.registry"] = registry
    exec(compile(source, "registry.py", "exec"), registry.__dict__)


def show() -> None:
    import django

    django.setup()

    from django.conf import settings

    from deploy.simulator import app
    from tests.house.pigeon_simulator import PigeonNetwork

    app.NETWORKS = (*app.NETWORKS, PigeonNetwork)

    from config.observability import redaction
    from config.queue import routing
    from config.web import quickstart  # noqa: F401 - it reads the registry when it is imported
    from deploy.local.demo import networks
    from destinations.accounts import oauth_apps
    from destinations.models import links
    from posts.api.schema import platform_content
    from posts.api.schema.settings import SETTINGS
    from posts.api.serializers.accounts.accounts import CreateLinkSerializer
    from posts.api.views.platform_rules import described
    from posts.errors import RequestRefused
    from posts.features.repeating import recycling

    try:
        recycling.check(["pigeon"])
    except RequestRefused as refused:
        recycled = str(refused.details)
    rules = described()["pigeon"]
    shown = {
        "app": settings.PLATFORM_APPS["pigeon"].client_id,
        "version": settings.API_VERSIONS["pigeon"],
        "is read": "pigeon" in settings.ENGAGEMENT_PLATFORMS,
        "queues": [name for name in routing.ALL if "pigeon" in name],
        "login": oauth_apps.usable("pigeon").redirect_uri.rpartition("/connect/")[2],
        "log": redaction.text("a token: coo_0123456789abcdef"),
        "rules": [rules["name"], rules["characterLimit"]],
        "options": list(platform_content.components()["PigeonSettings"]["properties"]),
        "names": [word for word in ("pigeon", "dove") if word in _choices(CreateLinkSerializer)],
        "documented": "pigeon" in SETTINGS["ENUM_NAME_OVERRIDES"]["PlatformEnum"],
        "recycling": "Posts to Pigeon are not recycled" in recycled,
        "links hold ids": "pigeon" not in links.WITHOUT_ID,
        "demo": [each.name for each in networks.DEMO_ACCOUNTS if each.platform == "pigeon"],
        "demo posts": "pigeon" in networks.TEXT_ALONE,
    }
    print(json.dumps(shown))


def _choices(serializer: type) -> list[str]:
    return list(serializer().fields["platform"].choices)


if __name__ == "__main__":
    join()
    show()
