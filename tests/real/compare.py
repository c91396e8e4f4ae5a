"""Compare what a case saw on two sides, after chance is taken out of it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

#: What two servers choose differently each time, by what it is called instead.
CHANCE = {
    "did": re.compile(r"did:plc:[a-z2-7]{24}"),
    "key": re.compile(r"(?<![a-z2-7])3[a-z2-7]{12}(?![a-z2-7])"),
    "cid": re.compile(r"baf[a-z2-7]{56}"),
    "time": re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"),
    "handle": re.compile(r"dove-[0-9a-f]{10}\.test"),
}
#: Stands for what one side does not have.
NOTHING = "nothing"


class Plain:
    """Name what is there by chance, in the order in which it is seen."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def of(self, value: Any) -> Any:
        match value:
            case Mapping():
                # Servers order fields in their own ways.
                return {name: self.of(each) for name, each in sorted(value.items())}
            case list() | tuple():
                return [self.of(each) for each in value]
            case str():
                for kind, pattern in CHANCE.items():
                    value = pattern.sub(lambda found, kind=kind: self._name(kind, found[0]), value)
        return value

    def _name(self, kind: str, found: str) -> str:
        count = sum(name.startswith(f"<{kind} ") for name in self._names.values())
        return self._names.setdefault(found, f"<{kind} {count + 1}>")


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield the path, our value and theirs, wherever two values differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in {**ours, **theirs}:
            below = f"{path}.{name}" if path else str(name)
            yield from differences(ours.get(name, NOTHING), theirs.get(name, NOTHING), below)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, pair in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(*pair, f"{path}[{number}]")
    elif ours != theirs:
        yield path, ours, theirs
