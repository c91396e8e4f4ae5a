"""Texts that no HTTP header can carry are refused before they are kept."""

import pytest

from platforms.errors import Unavailable
from platforms.login_forms import LoginWithForm
from platforms.oauth import Tokens
from platforms.registry import ADAPTERS

FORMS = {
    f"{adapter.key}: {way}": login
    for adapter in ADAPTERS.values()
    for way, login in adapter.logins.items()
    if isinstance(login, LoginWithForm)
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\0", "\x7f"])
def test_no_field_of_a_login_takes_a_line_break_or_a_control_character(name, end):
    form = FORMS[name]
    for each in form.fields:
        answers = {every.name: "good" for every in form.fields} | {each.name: f"good{end}X: y"}
        assert "holds a line break" in form.problem(answers)


@pytest.mark.parametrize("given", [{"access": "a\r\nX: y"}, {"access": "a", "refresh": "b\n"}])
def test_no_server_gives_a_token_that_no_header_can_carry(given):
    with pytest.raises(Unavailable, match="line break"):
        Tokens(**given)
