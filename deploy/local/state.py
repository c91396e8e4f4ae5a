"""What one installation must never forget: its keys and passwords, in one private file."""

import json
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from cryptography.fernet import Fernet

from deploy.local import home as homes
from deploy.local.supervisor import GaveUp


@dataclass(frozen=True, slots=True)
class State:
    secret_key: str
    credential_keys: str
    redis_password: str
    admin_password: str
    #: Empty until the demo workspace has a key.
    api_key: str = ""


def load(home: Path) -> State:
    """The state below `home`, made and saved if there is none. Raises GaveUp."""
    homes.private_folder(home)
    try:
        return State(**json.loads(_file(home).read_text()))
    except FileNotFoundError:
        return _save(home, _fresh())
    except PermissionError:
        raise GaveUp(homes.not_yours(home)) from None
    except (ValueError, TypeError):
        raise GaveUp(
            f"{_file(home)} is damaged. It holds the key to the accounts' credentials: restore it "
            "from a backup,\nor move the whole folder away to start afresh."
        ) from None


def remember_api_key(home: Path, state: State, secret: str) -> State:
    return _save(home, replace(state, api_key=secret))


def _fresh() -> State:
    return State(
        secret_key=secrets.token_urlsafe(50),
        credential_keys=Fernet.generate_key().decode(),
        redis_password=secrets.token_hex(16),
        admin_password=secrets.token_urlsafe(12),
    )


def _save(home: Path, state: State) -> State:
    homes.write_private(_file(home), json.dumps(asdict(state), indent=2) + "\n")
    return state


def _file(home: Path) -> Path:
    return home / "state.json"
