"""What `up` tells people and scripts once everything answers."""

import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from deploy.local.demo.workspace import ADMIN
from deploy.local.environment import Local
from deploy.local.home import State


@dataclass(frozen=True, slots=True)
class FirstPost:
    """What a newcomer's first request needs besides the key. Both as the API takes them, as JSON
    without the brackets."""

    account_ids: Sequence[int]
    media_ids: Sequence[str]

    @property
    def accounts(self) -> str:
        return ",".join(map(str, self.account_ids))

    @property
    def media(self) -> str:
        return ",".join(f'"{media_id}"' for media_id in self.media_ids)


def secrets_file(local: Local, state: State, post: FirstPost) -> str:
    """Addresses and secrets as shell assignments: `set -a; . .dovecote/demo.env`."""
    values = {
        "API_URL": f"{local.web_url}/api/v1",
        "API_KEY": state.api_key,
        "ACCOUNT_IDS": post.accounts,
        "MEDIA_IDS": post.media,
        "ADMIN_URL": f"{local.web_url}/admin/",
        "ADMIN_USER": ADMIN,
        "ADMIN_PASSWORD": state.admin_password,
        "FLOWER_URL": local.flower_url,
        "METRICS_URL": f"{local.web_url}/metrics",
        "METRICS_TOKEN": os.environ["METRICS_TOKEN"],
        "SIMULATOR_URL": local.simulator_url,
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "REDIS_URL": os.environ["REDIS_URL"],
    }
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())


def welcome(
    local: Local,
    state: State,
    post: FirstPost,
    admin_known: bool,
    bold: Callable[[str], str],
) -> str:
    password = state.admin_password if admin_known else "(the one you have set)"
    rows = {
        "Start": f"{local.web_url}/   every step as a command to copy",
        "API": f"{local.web_url}/api/v1   (documentation: {local.web_url}/api/docs)",
        "Key": state.api_key,
        "Admin": f"{local.web_url}/admin/   {ADMIN} / {password}",
        "Flower": local.flower_url,
        "Metrics": f"{local.web_url}/metrics   for METRICS_TOKEN of the secrets",
        "Wall": f"{local.simulator_url}/   what the public of the seven networks sees",
        "Secrets": str(local.home / "demo.env"),
    }
    table = "\n".join(f"  {bold(f'{name:<8}')} {value}" for name, value in rows.items())
    # With the time in it, it may be sent twice: networks refuse what they have just published.
    body = (
        """'{"content": "Hello from Dovecote, '$(date +%T)'","""
        f""" "account_ids": [{post.accounts}], "media_ids": [{post.media}]}}'"""
    )
    return f"""
{table}

Publish one post, with a picture and a video, to all seven networks:

  curl {local.web_url}/api/v1/posts -H 'Authorization: Bearer {state.api_key}' \\
    -H 'Content-Type: application/json' \\
    -d {body}

Or watch it happen: `make demo` in another terminal. For a key of your own, there too:

  ./manage.py create_api_key --workspace Demo --name "my program"

Ctrl-C here stops everything.
"""
