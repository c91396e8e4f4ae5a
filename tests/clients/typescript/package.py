"""The TypeScript client as a program has it: built, packed, unpacked into its `node_modules`."""

import json
import os
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.clients.builders import typescript
from tests import programs
from tests.clients.python.built import described

HERE = Path(__file__).resolve().parent
PLAY_SECONDS = 120
#: As strict as a program can be, and it reads the client's types too.
TSCONFIG = {
    "compilerOptions": {
        "target": "es2022",
        "module": "nodenext",
        "strict": True,
        "noUncheckedIndexedAccess": True,
        "exactOptionalPropertyTypes": True,
        "types": ["node"],
        "typeRoots": ["../package/node_modules/@types"],
        "outDir": "built",
    },
    "include": ["*.ts"],
}


@dataclass(frozen=True)
class Program:
    """A folder with the client installed, and these tests' plays compiled."""

    folder: Path
    document: dict[str, Any]

    def play(self, name: str, *, url: str, key: str, cwd: Path | None = None, **given: Any) -> Any:
        """Run a play, with the client's settings in its environment; what it prints at its end."""
        done = programs.run(
            [programs.found("node"), self.folder / "built" / f"{name}.js"],
            cwd=cwd or self.folder,
            env={
                **os.environ,
                "DOVECOTE_URL": url,
                "DOVECOTE_API_KEY": key,
                "GIVEN": json.dumps(given),
            },
            timeout=PLAY_SECONDS,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout


def installed(home: Path, example: str) -> Program:
    """Build the client below `home` and compile the plays, and this example, with it."""
    package, folder = home / "package", home / "program"
    package.mkdir()
    typescript.build(described(), package)
    modules = folder / "node_modules"
    with tarfile.open(next(package.glob("*.tgz"))) as packed:
        packed.extractall(modules, filter="data")
    (modules / "package").rename(modules / "dovecote-client")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "tsconfig.json").write_text(json.dumps(TSCONFIG))
    for play in (HERE / "plays").glob("*.ts"):
        shutil.copy(play, folder)
    (folder / "example.ts").write_text(example)
    done = programs.run([package / "node_modules" / ".bin" / "tsc"], cwd=folder)
    assert done.returncode == 0, done.stdout
    return Program(folder, json.loads(described().read_text()))
