"""Every page of ours opens; a browser looks at the same ones in test_accessibility.py."""

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.acceptance.pages import everything

pytestmark = pytest.mark.django_db


def test_pages_that_everybody_may_open(ada, app, simulator, admin_client, monkeypatch):
    pages = everything.for_everybody(simulator, ada, admin_client, monkeypatch)

    assert {page.status for page in pages} == {200, 400, 403, 404, 405, 500, 503}
    assert [page.path for page in pages if not is_whole(page.body)] == []


@pytest.mark.parametrize("is_quick", [True, pytest.param(False, marks=pytest.mark.thorough)])
def test_pages_of_the_admin(ada, admin_client, admin_user, is_quick):
    pages = everything.for_operators(ada, admin_client, admin_user, is_quick=is_quick)

    lists = {
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    }
    assert lists - {page.path for page in pages} == set()
    assert [page.path for page in pages if not is_whole(page.body)] == []


def is_whole(body: bytes) -> bool:
    """From its title to its end."""
    return b"<title>" in body and body.rstrip().endswith(b"</html>")
