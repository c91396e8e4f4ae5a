"""Every network: one import and one line each. All others read what is here.

The smallest one to copy is tests/house/example_network.py, with its simulator beside it.
"""

from platforms.adapter import Adapter
from platforms.bluesky.adapter import Bluesky
from platforms.discord.adapter import Discord
from platforms.facebook.adapter import Facebook
from platforms.http import redaction
from platforms.http.versions import ApiVersion
from platforms.instagram.adapter import Instagram
from platforms.linkedin.adapter import LinkedIn
from platforms.login_forms import FormLogin
from platforms.mastodon.adapter import Mastodon
from platforms.nostr.adapter import Nostr
from platforms.pinterest.adapter import Pinterest
from platforms.telegram.adapter import Telegram
from platforms.threads.adapter import Threads
from platforms.tiktok.adapter import TikTok
from platforms.wordpress.adapter import WordPress
from platforms.x.adapter import X
from platforms.youtube.adapter import YouTube

#: In the order of the documentation.
ADAPTERS: dict[str, Adapter] = {
    adapter.key: adapter
    for adapter in (
        X(),
        Instagram(),
        LinkedIn(),
        Facebook(),
        TikTok(),
        YouTube(),
        Threads(),
        Bluesky(),
        Mastodon(),
        WordPress(),
        Telegram(),
        Discord(),
        Pinterest(),
        Nostr(),
    )
}

#: Words for networks that customers' programs also use → the key.
ALIASES: dict[str, str] = {
    alias: adapter.key for adapter in ADAPTERS.values() for alias in adapter.aliases
}

#: Every app that an operator may register, as logins name them. What follows a `_` distinguishes
#: two apps at the same network.
APPS: tuple[str, ...] = tuple(
    dict.fromkeys(
        name
        for adapter in ADAPTERS.values()
        for name, login in adapter.logins.items()
        if login.needs_app
    )
)

#: The networks that are connected by a form of credentials: key → name.
BY_FORM: dict[str, str] = {
    adapter.key: adapter.name
    for adapter in ADAPTERS.values()
    if any(isinstance(login, FormLogin) for login in adapter.logins.values())
}

#: Every API whose version an operator may choose, by its name.
VERSIONS: dict[str, ApiVersion] = {
    adapter.version.name: adapter.version for adapter in ADAPTERS.values() if adapter.version
}

#: Every queue that a worker must listen to, so that nothing waits for ever.
QUEUES: tuple[str, ...] = tuple(
    name for key in ADAPTERS for name in (f"publish.{key}", f"publish.{key}.upload")
)

redaction.recognise(*(secret for adapter in ADAPTERS.values() for secret in adapter.secrets))
