import pytest

from deploy.local import home as homes
from deploy.local.demo import workspace as demo
from posts.keys import keys
from posts.models import ApiKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return demo.make_workspace()


def test_the_demo_key_is_not_in_the_way_of_demos(workspace, tmp_path):
    state = demo.make_key(tmp_path, homes.load_state(tmp_path), workspace)

    key = keys.recognise(state.api_key)
    assert (key.request_limits, key.post_limits) == ("60000/min", "60000/min")
    assert demo.make_key(tmp_path, state, workspace) == state
    assert ApiKey.objects.count() == 1


def test_a_demo_key_that_has_ended_is_replaced(workspace, tmp_path):
    state = demo.make_key(tmp_path, homes.load_state(tmp_path), workspace)
    keys.revoke(keys.recognise(state.api_key))

    renewed = demo.make_key(tmp_path, state, workspace)

    assert keys.recognise(renewed.api_key).workspace == workspace
    assert homes.load_state(tmp_path) == renewed
