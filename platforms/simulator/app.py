"""The simulator as one ASGI app: networks, control, wall, files."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount, Route

from platforms.simulator import control, wall
from platforms.simulator.facebook.api import FacebookNetwork
from platforms.simulator.faults import Faults
from platforms.simulator.instagram.api import InstagramNetwork
from platforms.simulator.linkedin.api import LinkedInNetwork
from platforms.simulator.network import Network
from platforms.simulator.store import Store
from platforms.simulator.threads.api import ThreadsNetwork
from platforms.simulator.tiktok.api import TikTokNetwork
from platforms.simulator.x.api import XNetwork
from platforms.simulator.youtube.api import YouTubeNetwork

NETWORKS: tuple[type[Network], ...] = (
    XNetwork,
    InstagramNetwork,
    LinkedInNetwork,
    FacebookNetwork,
    TikTokNetwork,
    YouTubeNetwork,
    ThreadsNetwork,
)
#: Without this any web page could post and look here, by a name of its own that leads to us.
LOOPBACK = ("127.0.0.1", "localhost")


def build(home: Path, *names: str) -> Starlette:
    """The app, with everything it remembers below the folder `home`.

    It answers to this machine's own names and to `names`.
    """
    store, faults = Store(home), Faults()
    routes: list[Route | Mount] = [*control.routes(store, faults), *wall.routes(store)]
    networks = [network(store, faults) for network in NETWORKS]
    # Networks may share a host: what the first leaves alone is for the next.
    hosts: dict[str, list[Route]] = {}
    for network in networks:
        for host, paths in network.hosts().items():
            hosts.setdefault(host, []).extend(paths)
    routes += [Mount(f"/{host}", routes=paths) for host, paths in hosts.items()]

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        for network in networks:
            await network.close()
        store.close()

    known = Middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, *names], www_redirect=False)
    app = Starlette(routes=routes, middleware=[known], lifespan=lifespan)
    app.state.store = store
    return app
