"""What the quick start shows of each further feature: commands to copy, and their answers' shapes.

The commands use what the first step exports, `$API` and `$API_KEY`. Words in capitals, such as
POST_ID, are the reader's to fill in. An answer shows the fields that matter.
"""

import re
from collections.abc import Mapping
from textwrap import dedent

from django.utils.html import escape
from django.utils.safestring import SafeString

from config.web.features import integrations, posts
from config.web.features.feature import Feature, Step

FEATURES = posts.FEATURES + integrations.FEATURES


def features(known: Mapping[str, str]) -> list[Feature]:
    """`known`: `host` of this installation, and `account_id`, one to post to."""
    return [
        Feature(
            each.title,
            _marked(_known(each.words, known)),
            tuple(_filled(step, known) for step in each.steps),
        )
        for each in FEATURES
    ]


def _filled(step: Step, known: Mapping[str, str]) -> Step:
    command, answer = dedent(step.command), dedent(step.answer).strip()
    return Step(step.name, _known(command, known), _known(answer, known))


def _marked(words: str) -> SafeString:
    """As HTML, with what is between backticks as code."""
    return SafeString(re.sub("`(.+?)`", r"<code>\1</code>", escape(words)))


def _known(text: str, known: Mapping[str, str]) -> str:
    for word, value in known.items():
        text = text.replace(f"<{word}>", value)
    return text
