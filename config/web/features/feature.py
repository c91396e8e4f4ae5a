"""What the pieces of the quick start's further features are."""

from dataclasses import dataclass

AUTH = '-H "Authorization: Bearer $API_KEY"'
JSON = "-H 'Content-Type: application/json'"


@dataclass(frozen=True, slots=True)
class Step:
    """`name` is the command's id on the page; `answer` is blank for what answers nothing."""

    name: str
    command: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Feature:
    """`words` may have code between backticks."""

    title: str
    words: str
    steps: tuple[Step, ...]


def post(path: str, body: str) -> str:
    return f"curl $API{path} {AUTH} \\\n  {JSON} \\\n  -d '{body}'"
