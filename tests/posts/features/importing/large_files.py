"""Large files: of so many rows that workers import them, a few rows in a step."""

from typing import Any

from posts.features.importing import worker
from tests.posts.features.importing.upload_steps import data, send_csv, table

#: What the fixture `small_sizes` makes of the sizes of the product.
ROWS, AT_ONCE, STEP_ROWS = 14, 9, 5


def drafts(count: int = ROWS, bad: Any = ()) -> str:
    """A file of drafts; those with these numbers are refused."""
    return table(
        *(
            {"content": f"Post {n}", "draft": "maybe" if n in bad else "yes"}
            for n in range(1, count + 1)
        )
    )


def process() -> None:
    worker.run()


def numbers(done: Any) -> list[int]:
    return [stored.number for stored, _ in done]


def begun(caller: Any, text: str, query: str = "") -> Any:
    answer = send_csv(caller, text, query)
    assert answer.status_code == 202, answer.content
    return data(answer)
