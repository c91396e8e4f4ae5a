"""The simulator as one ASGI app: networks, control, wall, files."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ExceptionHandler

from deploy.simulator.ai import AiProvider
from deploy.simulator.bluesky.api import BlueskyNetwork
from deploy.simulator.control import Control
from deploy.simulator.discord.api import DiscordNetwork
from deploy.simulator.facebook.api import FacebookNetwork
from deploy.simulator.instagram.api import InstagramNetwork
from deploy.simulator.linkedin.api import LinkedInNetwork
from deploy.simulator.mastodon.api import MastodonNetwork
from deploy.simulator.network import Network, Refused
from deploy.simulator.nostr.api import NostrNetwork
from deploy.simulator.pinterest.api import PinterestNetwork
from deploy.simulator.state.faults import Faults
from deploy.simulator.state.store import Store
from deploy.simulator.strict import Strict
from deploy.simulator.telegram.api import TelegramNetwork
from deploy.simulator.threads.api import ThreadsNetwork
from deploy.simulator.tiktok.api import TikTokNetwork
from deploy.simulator.wall import Wall
from deploy.simulator.wordpress.api import WordPressNetwork
from deploy.simulator.x.api import XNetwork
from deploy.simulator.youtube.api import YouTubeNetwork

NETWORKS: tuple[type[Network], ...] = (
    XNetwork,
    InstagramNetwork,
    LinkedInNetwork,
    FacebookNetwork,
    TikTokNetwork,
    YouTubeNetwork,
    ThreadsNetwork,
    BlueskyNetwork,
    MastodonNetwork,
    WordPressNetwork,
    TelegramNetwork,
    DiscordNetwork,
    PinterestNetwork,
    NostrNetwork,
)
#: Without this list, any web page could read and post here through a host name that leads to us.
LOOPBACK = ("127.0.0.1", "localhost")


def build(home: Path, *names: str) -> Starlette:
    """The app, with its data below the folder `home`.

    It answers to this machine's own host names and to `names`.
    """
    store, faults = Store(home), Faults()
    titles = {network.key: network.name for network in NETWORKS}
    colours = {network.key: network.colour for network in NETWORKS}
    routes: list[Route | Mount] = [
        *Control(store, faults, titles).routes(),
        *AiProvider(faults).routes(),
        *Wall(store, titles, colours).routes(),
    ]
    networks = [network(store, faults) for network in NETWORKS]
    # Networks may share a host: the routes of the first are tried first.
    hosts: dict[str, list[BaseRoute]] = {}
    owners: dict[str, Network] = {}
    for network in networks:
        for host, paths in network.hosts().items():
            hosts.setdefault(host, []).extend(paths)
            owners.setdefault(host, network)
    routes += [
        Mount(f"/{host}", routes=paths, middleware=[_strict(owners[host])])
        for host, paths in hosts.items()
    ]

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        for network in networks:
            await network.close()
        store.close()

    known = Middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, *names], www_redirect=False)
    handlers: Mapping[Any, ExceptionHandler] = {Refused: refusal}
    app = Starlette(
        routes=routes, middleware=[known], lifespan=lifespan, exception_handlers=handlers
    )
    app.state.store = store
    return app


def _strict(network: Network) -> Middleware:
    refuse = partial(network.error, 400)
    return Middleware(Strict, refuse=refuse, repeatable=network.repeatable)


async def refusal(request: Request, refused: Exception) -> Response:
    """The answer to what a network refuses outside of a call, such as at its token endpoint."""
    assert isinstance(refused, Refused)  # noqa: S101 - it is registered for these alone
    return refused.answer
