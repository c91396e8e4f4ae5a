"""A bot's token is a part of each address: none is shown or logged, whole or cut."""

from urllib.parse import quote

import pytest

from config.observability import redaction
from platforms.http.redaction import MASK, Redactor

#: As BotFather makes them, and the same in each process of a run.
TOKEN = "1234509876:AAhush-hush-hush_hush-hush-hush-hus"
ADDRESS = f"https://api.telegram.org/bot{TOKEN}/sendMessage"


@pytest.mark.parametrize(
    "words",
    [
        ADDRESS,
        ADDRESS[:60],
        quote(ADDRESS, safe=""),
        f"POST {ADDRESS} HTTP/1.1",
        f'{{"url": "{ADDRESS}"}}',
        f"The token {TOKEN} was refused",
        f"{TOKEN[:30]}…",
        # The simulator's.
        "http://127.0.0.1:8002/api.telegram.org/bot123:coo-coo-coo/getMe",
    ],
)
def test_what_looks_like_a_token_is_masked_though_no_one_knows_it(words: str):
    secret = TOKEN.partition(":")[2][:12]
    for shown in (
        Redactor()(words),
        redaction.text(words),
        redaction.value({"event": words})["event"],
    ):
        assert MASK in shown
        assert secret not in shown
        assert "coo-coo" not in shown
    assert not redaction.is_clean(f'{{"event": "{words}"}}'.replace('""', '"'))


@pytest.mark.parametrize(
    "words", ["12:34:56 AA-meeting", "robots /bottom of 123", "bot 1:2", "1:AAA"]
)
def test_what_only_resembles_one_stays(words: str):
    assert redaction.text(words) == words
