"""Work for the sandbox that answers several times, and breaks in the end."""

import os
from collections.abc import Iterator
from typing import Any


def work(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for number in range(request["answers"]):
        yield {"answer": number + 1}
    os.abort()
