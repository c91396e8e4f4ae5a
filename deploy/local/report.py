"""What `up` tells people and scripts once everything answers."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from deploy.local.environment import Local
from deploy.local.home import InstallationSecrets


def values(
    local: Local,
    state: InstallationSecrets,
    admin: str,
    account_ids: list[int],
    media_ids: list[str],
) -> dict[str, str]:
    """Addresses and secrets by name. Both ids are JSON without the brackets."""
    return {
        "API_URL": f"{local.web_url}/api/v1",
        "API_KEY": state.api_key,
        "ACCOUNT_IDS": json.dumps(account_ids, separators=(",", ":"))[1:-1],
        "MEDIA_IDS": json.dumps(media_ids, separators=(",", ":"))[1:-1],
        "ADMIN_URL": f"{local.web_url}/admin/",
        "ADMIN_USER": admin,
        "ADMIN_PASSWORD": state.admin_password,
        "FLOWER_URL": local.flower_url,
        "METRICS_URL": f"{local.web_url}/metrics",
        "METRICS_TOKEN": os.environ["METRICS_TOKEN"],
        "SIMULATOR_URL": local.simulator_url,
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "REDIS_URL": os.environ["REDIS_URL"],
    }


def welcome(
    values: dict[str, str], demo_env: Path, admin_known: bool, bold: Callable[[str], str]
) -> str:
    password = values["ADMIN_PASSWORD"] if admin_known else "(the one you have set)"
    api = values["API_URL"]
    web = api.removesuffix("/api/v1")
    rows = {
        "Start": f"{web}/   every step as a command to copy",
        "API": f"{api}   (documentation: {web}/api/docs)",
        "Key": values["API_KEY"],
        "Admin": f"{values['ADMIN_URL']}   {values['ADMIN_USER']} / {password}",
        "Flower": values["FLOWER_URL"] or "off (FLOWER=0)",
        "Metrics": f"{values['METRICS_URL']}   with METRICS_TOKEN as the bearer token",
        "Wall": f"{values['SIMULATOR_URL']}/   what the public of the networks sees",
        "File": f"{demo_env}   these addresses, keys and passwords as shell variables",
    }
    table = "\n".join(f"  {bold(f'{name:<8}')} {value}" for name, value in rows.items())
    # With the time in it, it may be sent twice: networks refuse what they have just published.
    body = (
        """'{"content": "Hello from Dovecote, '$(date +%T)'","""
        f""" "account_ids": [{values["ACCOUNT_IDS"]}], "media_ids": [{values["MEDIA_IDS"]}]}}'"""
    )
    return f"""
{table}

Publish one post, with a picture and a video, to all networks:

  curl {api}/posts -H 'Authorization: Bearer {values["API_KEY"]}' \\
    -H 'Content-Type: application/json' \\
    -d {body}

Or watch it happen: `make demo` in another terminal. For a key of your own, there too:

  ./manage.py create_api_key --workspace Demo --name "my program"

Ctrl-C here stops everything.
"""
