"""The admin's pages that erase a workspace or an account."""

import re

import pytest
from django.contrib.admin.models import LogEntry

from destinations.models import Account
from posts.features.erasing import summary, tables
from posts.features.erasing.models import Erasure
from posts.models import Workspace
from tests.destinations.admin.action_steps import messages_of, staff, text
from tests.factories import make_account, make_post, make_workspace
from tests.posts.features.erasing.filling import Filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    found = make_account(make_workspace("Acme & Co"), name="@acme")
    make_post(found.workspace, [found], status="published", due_at=None)
    make_post(found.workspace, [found], status="unconfirmed", attempts=1)
    return found


@pytest.fixture(params=["workspace", "account"])
def page(request, account) -> tuple[str, str, str]:
    """The page that erases, the page that leads there, and what is typed."""
    if request.param == "account":
        key, name, app = account.pk, "@acme", "destinations"
    else:
        key, name, app = account.workspace_id, "Acme & Co", "posts"
    confirm = f"/admin/posts/erasure/{request.param}/{key}/erase/"
    return confirm, f"/admin/{app}/{request.param}/{key}/change/", name


def test_the_page_says_what_goes_how_much_of_it_and_what_stays(admin_client, page):
    address, before, _ = page
    assert address in text(admin_client.get(before))

    shown = text(admin_client.get(address))

    assert "<li>2 destinations</li>" in shown
    assert "<li>1 of these public, and staying so</li>" in shown
    assert "<li>1 post in flight: waited for</li>" in shown
    assert "What is public stays public" in shown
    assert not Erasure.objects.exists()


def test_what_goes_has_names_that_people_know_and_the_rest_is_summed():
    filled = Filled(1)
    known = {f"1 {one}" for one, _ in summary.KNOWN.values()}
    listed = {model._meta.label_lower for model, _ in tables.roots()}

    shown = [f"{line.number} {line.name}" for line in summary.of(filled.workspace)]

    assert known <= set(shown)
    assert {"1 post", "1 destination"} <= set(shown)
    rest = len(listed - set(summary.KNOWN))
    assert shown[-1] == f"{rest} other rows, such as counts and records"
    assert set(summary.KNOWN) <= listed
    assert not re.search(r"(tally|try|progres)s\b|media\b|api key", " ".join(shown))


def test_one_and_many_have_their_own_words():
    account = make_account(make_workspace())
    for count, names in (
        (1, {"1 post", "1 destination", "1 account"}),
        (2, {"2 posts", "2 destinations", "2 accounts"}),
    ):
        make_post(account.workspace, [account])
        shown = {f"{line.number} {line.name}" for line in summary.of(account.workspace)}
        assert names <= shown, count
        make_account(account.workspace)


@pytest.mark.parametrize("typed", ["", "acme", "@ACME", "erase"])
def test_another_name_erases_nothing(admin_client, page, typed):
    shown = admin_client.post(page[0], {"confirmation": typed})

    assert shown.status_code == 200
    assert not Erasure.objects.exists()
    assert Account.objects.get().is_active


def test_the_name_erases_it_and_the_log_says_who_and_not_whom(admin_client, page):
    address, _, name = page

    shown = admin_client.post(address, {"confirmation": name}, follow=True)

    assert "It waits for posts whose networks have not answered yet: 1" in messages_of(shown)[0]
    erasure = Erasure.objects.get()
    assert erasure.asked_by == "operator:admin"
    [entry] = LogEntry.objects.all()
    assert (entry.object_id, str(entry.user)) == (str(erasure.pk), "admin")
    assert name not in entry.object_repr + entry.change_message
    Account.objects.get().destinations.update(status="failed", due_at=None)
    assert messages_of(admin_client.post(address, {"confirmation": name}, follow=True)) == [
        f"Erased: {erasure}."
    ]


def test_what_is_gone_has_no_page(admin_client, page):
    Workspace.objects.all().delete()

    assert admin_client.get(page[0]).status_code == 404


@pytest.mark.parametrize("path", ["workspace/x", "account/x", "account/0", "post/1", "x/y"])
def test_nothing_else_is_erased(admin_client, path):
    assert admin_client.get(f"/admin/posts/erasure/{path}/erase/").status_code == 404


def test_it_takes_its_own_permission(client, page):
    address, before, name = page
    operator = staff(client, "change_workspace", "change_account", "change_post")

    assert operator.get(address).status_code == 403
    assert operator.post(address, {"confirmation": name}).status_code == 403
    assert address not in text(operator.get(before))
    assert not Erasure.objects.exists()
    assert Workspace.objects.exists()
