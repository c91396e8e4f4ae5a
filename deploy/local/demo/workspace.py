"""The demo workspace: made at the first start, kept by every later one."""

import io
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.storage import default_storage

from deploy.local import home as homes
from deploy.local.demo import media
from deploy.local.demo.networks import CHOSEN, DEMO_ACCOUNTS, GENEROUS
from deploy.local.demo.web import ask
from deploy.local.supervisor import GaveUp
from destinations.accounts import encryption, oauth_apps
from destinations.models import Account
from posts.keys import keys
from posts.media import uploads
from posts.models import ApiKey, Media, Workspace

WORKSPACE = "Demo"
ADMIN = "admin"
KEY_NAME = "Demo"
#: A day of demos, as fast as this machine goes.
KEY_LIMITS = "60000/min"
#: What the first post of a newcomer shows.
FILES: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "welcome.jpg": ("image/jpeg", media.picture),
    "welcome.mp4": ("video/mp4", media.video),
}


def make_workspace() -> Workspace:
    """The demo workspace with its accounts, each with a token we can read."""
    found = Workspace.objects.filter(name=WORKSPACE).order_by("created_at").first()
    # So that the demo may ask for an approval; nothing else waits for one.
    optional = Workspace.ApprovalMode.OPTIONAL
    workspace = found or Workspace.objects.create(name=WORKSPACE, approval_mode=optional)
    if not workspace.post_defaults:
        workspace.post_defaults = {"platform_settings": CHOSEN}
        workspace.save(update_fields=["post_defaults"])
    for demo in DEMO_ACCOUNTS:
        account, _ = Account.objects.get_or_create(
            workspace=workspace,
            platform=demo.platform,
            platform_account_id=demo.platform_account_id,
            defaults={
                "name": demo.account_name,
                "username": demo.username,
                "display_name": demo.name,
                "login": demo.login,
            },
        )
        if not _credentials(account):
            tokens = {
                "token": demo.token or f"demo-{demo.platform}-{secrets.token_hex(16)}",
                "refresh_token": f"demo-refresh-{secrets.token_hex(16)}",
                "extra": demo.extra,
            }
            account.credentials = encryption.seal(tokens)
            account.save(update_fields=["credentials"])
            if login := oauth_apps.find(demo.platform, demo.login):
                oauth_apps.keep_server(login, demo.platform_account_id, None)
    return workspace


def _credentials(account: Account) -> dict[str, Any]:
    """Empty when there are none, or when they were sealed with a key that is gone."""
    try:
        return encryption.unseal(account.credentials)
    except encryption.Unreadable:
        return {}


def make_key(
    home: Path, state: homes.InstallationSecrets, workspace: Workspace
) -> homes.InstallationSecrets:
    """The state with a key that works: the one it has, or a new one."""
    known = keys.recognise(state.api_key)
    if known and known.workspace_id == workspace.pk:
        return state
    _, secret = keys.create(
        workspace,
        KEY_NAME,
        list(ApiKey.Scope.values),
        request_limits=KEY_LIMITS,
        post_limits=KEY_LIMITS,
    )
    return homes.remember_api_key(home, state, secret)


def make_admin(password: str) -> bool:
    """Return whether the admin has this password. A person who has changed it keeps the new one."""
    user = User.objects.filter(username=ADMIN).first()
    if user is None:
        User.objects.create_superuser(ADMIN, email="", password=password)
        return True
    return user.check_password(password)


def account_ids(workspace: Workspace) -> list[int]:
    """The numbers of one account per network, in the order of DEMO_ACCOUNTS."""
    rows = Account.objects.filter(workspace=workspace)
    found = {(account.platform, account.platform_account_id): account.pk for account in rows}
    usual = [demo for demo in DEMO_ACCOUNTS if not demo.spare]
    return [found[demo.platform, demo.platform_account_id] for demo in usual]


def make_files(workspace: Workspace) -> list[str]:
    """The ids of an image and a video, ready; made if they or their bytes are missing."""
    return [str((_find(workspace, name) or _make(workspace, name)).pk) for name in FILES]


def _find(workspace: Workspace, name: str) -> Media | None:
    ready = Media.objects.filter(workspace=workspace, filename=name, status=Media.Status.READY)
    found = ready.order_by("created_at")
    return next((file for file in found if default_storage.exists(file.storage_key)), None)


def _make(workspace: Workspace, name: str) -> Media:
    """As a customer would: announced, received, checked."""
    content_type, draw = FILES[name]
    content = draw("Dovecote")
    announced = uploads.announce(workspace.pk, name, content_type, len(content))
    uploads.receive(announced, io.BytesIO(content), len(content))
    return uploads.complete(workspace.pk, announced.pk)


def introduce_accounts(workspace: Workspace, simulator_url: str) -> None:
    """Make the simulated networks know our apps and the demo accounts. Raises GaveUp."""
    for name, app in settings.PLATFORM_APPS.items():
        registered = {
            "network": name.partition("_")[0],
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "redirect_uris": [f"{settings.PUBLIC_URL}/connect/{name}/return"],
        }
        _tell(simulator_url, "apps", registered)
    for network, name, value in GENEROUS:
        _tell(simulator_url, "settings", {"network": network, "name": name, "value": value})
    known = {(demo.platform, demo.platform_account_id): demo for demo in DEMO_ACCOUNTS}
    for account in Account.objects.filter(workspace=workspace):
        if demo := known.get((account.platform, account.platform_account_id)):
            as_the_network_knows = {
                "network": demo.platform,
                "id": demo.platform_account_id,
                "name": demo.name,
                "username": demo.username,
                "token": encryption.unseal(account.credentials)["token"],
                "extra": demo.simulator_extra,
            }
            _tell(simulator_url, "accounts", as_the_network_knows)


def _tell(simulator_url: str, what: str, body: dict[str, Any]) -> None:
    reply = ask("POST", f"{simulator_url}/control/{what}", json=body)
    if reply.status != 201:
        raise GaveUp(f"The simulator refused the {body['network']} {what} ({reply.status}).")
