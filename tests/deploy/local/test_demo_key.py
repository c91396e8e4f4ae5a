import pytest

from deploy.local import bootstrap
from deploy.local import state as states
from posts.keys import keys
from posts.models import ApiKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return bootstrap.make_workspace()


def test_the_demo_key_is_not_in_the_way_of_demos(workspace, tmp_path):
    state = bootstrap.make_key(tmp_path, states.load(tmp_path), workspace)

    key = keys.recognise(state.api_key)
    assert (key.request_limits, key.post_limits) == ("60000/min", "60000/min")
    assert bootstrap.make_key(tmp_path, state, workspace) == state
    assert ApiKey.objects.count() == 1


def test_an_older_demo_key_gets_limits_and_keeps_those_that_somebody_chose(workspace, tmp_path):
    state = bootstrap.make_key(tmp_path, states.load(tmp_path), workspace)
    ApiKey.objects.update(request_limits="", post_limits="5/min")

    assert bootstrap.make_key(tmp_path, state, workspace) == state

    key = ApiKey.objects.get()
    assert (key.request_limits, key.post_limits) == ("60000/min", "5/min")


def test_a_demo_key_that_has_ended_is_replaced(workspace, tmp_path):
    state = bootstrap.make_key(tmp_path, states.load(tmp_path), workspace)
    keys.revoke(keys.recognise(state.api_key))

    renewed = bootstrap.make_key(tmp_path, state, workspace)

    assert keys.recognise(renewed.api_key).workspace == workspace
    assert states.load(tmp_path) == renewed
