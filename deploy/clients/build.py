"""Build the clients: `python -m deploy.clients.build [NAME…] [--into FOLDER]`.

The OpenAPI document is made once; each builder then makes one package of it, in a folder of its
own: copies of the files written by hand, and generated ones beside them. The working copy stays
as it is.
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from deploy.clients import document
from deploy.clients.builders import collection, python, typescript

#: Each is called with the document and an empty folder to build in.
BUILDERS: dict[str, Callable[[Path, Path], None]] = {
    "python": python.build,
    "typescript": typescript.build,
    "collection": collection.build,
}
#: What each does meanwhile, for up to a minute.
STEPS = {
    "python": "making models, and a wheel",
    "typescript": "installing npm's tools, compiling and packing",
    "collection": "writing requests for Postman and Bruno",
}
INTO = document.ROOT / ".dovecote" / "clients"


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.clients.build")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BUILDERS)}")
    parser.add_argument("--into", type=Path, default=INTO)
    given = parser.parse_args(words)
    if unknown := set(given.names) - set(BUILDERS):
        parser.error(f"no such client: {', '.join(sorted(unknown))}")
    build(given.into.resolve(), given.names or BUILDERS)


def build(into: Path, names: Iterable[str]) -> None:
    """Build these clients, each in `into`/its name; what was there before is replaced."""
    described = into / "openapi.json"
    _say("openapi.json: describing the API…")
    document.write(described)
    for name in names:
        folder = into / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _say(f"{name}: {STEPS[name]}…")
        BUILDERS[name](described, folder)
        _say(f"{name}: built in {folder}")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
