"""The quick start's further features: commands to copy, and the shapes of their answers.

The commands use what the first step exports, `$API` and `$API_KEY`. Words in capitals, such as
POST_ID, are the reader's to fill in. An answer shows the fields that matter.
"""

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
