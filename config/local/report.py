"""What a person and a script are told once everything answers."""

import os
import shlex
from collections.abc import Callable, Sequence

from config.local.bootstrap import ADMIN
from config.local.environment import Local
from config.local.state import State


def demo_env(local: Local, state: State) -> str:
    """Addresses and secrets as shell assignments: `set -a; . .dovecote/demo.env`."""
    values = {
        "API_URL": f"{local.web_url}/api/v1",
        "API_KEY": state.api_key,
        "ADMIN_URL": f"{local.web_url}/admin/",
        "ADMIN_USER": ADMIN,
        "ADMIN_PASSWORD": state.admin_password,
        "FLOWER_URL": local.flower_url,
        "SIMULATOR_URL": local.simulator_url,
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "REDIS_URL": os.environ["REDIS_URL"],
    }
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())


def welcome(
    local: Local,
    state: State,
    accounts: Sequence[tuple[int, str]],
    admin_known: bool,
    bold: Callable[[str], str],
) -> str:
    password = state.admin_password if admin_known else "(the one you have set)"
    # One request for every account that takes text alone.
    takers = [str(number) for number, platform in accounts if platform in TEXT_ALONE]
    rows = {
        "API": f"{local.web_url}/api/v1   (documentation: {local.web_url}/api/docs)",
        "Key": state.api_key,
        "Admin": f"{local.web_url}/admin/   {ADMIN} / {password}",
        "Flower": local.flower_url,
        "Wall": f"{local.simulator_url}/   what the public of the seven networks sees",
        "Secrets": str(local.home / "demo.env"),
    }
    table = "\n".join(f"  {bold(f'{name:<8}')} {value}" for name, value in rows.items())
    body = f'{{"content": "Hello from Dovecote", "account_ids": [{", ".join(takers)}]}}'
    return f"""
{table}

Publish one post to every account that takes text alone:

  curl {local.web_url}/api/v1/posts -H 'Authorization: Bearer {state.api_key}' \\
    -H 'Content-Type: application/json' \\
    -d '{body}'

Images and video to all seven: `make demo` in another terminal. Ctrl-C here stops everything.
"""


#: The others want an image or a video.
TEXT_ALONE = ("x", "linkedin", "facebook", "threads")
