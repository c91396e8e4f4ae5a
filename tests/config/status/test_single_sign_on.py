"""What the doctor says of the provider of single sign-on."""

from config.status.reach import check_provider
from tests.config.operators.sso.conftest import provider

__all__ = ["provider"]


def test_without_a_provider_there_is_nothing_to_say(settings):
    settings.OIDC_ISSUER = ""

    assert list(check_provider()) == []


def test_a_provider_that_answers_is_fine(provider):
    [found] = check_provider()

    assert (found.level, found.subject) == ("ok", "single sign-on")


def test_one_that_does_not_is_told_with_what_to_do(provider):
    provider.document = {"issuer": "https://other.example"}

    [found] = check_provider()

    assert found.level == "warning"
    assert "names another issuer than OIDC_ISSUER" in found.said
    assert "/admin/login/?by=password" in found.remedy
