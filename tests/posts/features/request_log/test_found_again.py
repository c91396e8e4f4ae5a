import pytest

from destinations.models import Destination
from tests.destinations.admin.action_steps import text
from tests.factories import make_account

pytestmark = pytest.mark.django_db


def test_what_a_request_made_leads_back_to_the_request(ada, admin_client, recorder):
    account = make_account(ada.workspace)
    body = {"content": "Hello", "account_ids": [account.pk], "scheduled_at": "2099-01-01T10:00:00Z"}
    made = ada.post("/posts", body)
    recorder.flush()
    destination = Destination.objects.get()

    page = text(admin_client.get(f"/admin/destinations/destination/{destination.pk}/change/"))

    url = f"/admin/posts/apirequest/?q={made.headers['X-Request-Id']}"
    assert page.count(url) == 2
    [found] = admin_client.get(url).context["cl"].result_list
    assert (found.path, found.status) == ("/api/v1/posts", 201)
