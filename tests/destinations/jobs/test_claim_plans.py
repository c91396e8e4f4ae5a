"""Each user's claim finds its rows by an index, also without statistics."""

import pytest
from django.db import connection

from destinations.deleting import claims
from posts.features.engagement import visits
from posts.features.feeds import create_posts
from posts.features.importing import worker as importing
from posts.features.repeating import worker as repeating
from posts.features.repeating.models import Recurrence, Recycling
from posts.media.fetch import jobs as fetches
from tests.psql import plan_of, psql

CLAIMS = {
    "deletion_due": lambda: claims.claim(20, ["x"]),
    "feed_item_waiting": create_posts._claim,
    "import_due": importing.ROWS.claim_one,
    "account_engagement_due": visits.claim,
    "recurrence_look": lambda: repeating.run(Recurrence, lambda *_: 0),
    "recycling_look": lambda: repeating.run(Recycling, lambda *_: 0),
    "posts_fetch_due_at": fetches.QUICK.claim,
}


@pytest.mark.django_db
@pytest.mark.parametrize("index", CLAIMS)
def test_a_claim_goes_by_the_index_of_what_is_due(index):
    asked = []

    def note(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        CLAIMS[index]()
    found = [each for each in asked if "SKIP LOCKED" in each[0]]

    assert found
    # The tables are empty: what could use the index does.
    psql("SET LOCAL enable_seqscan = off")
    for sql, params in found:
        plan = plan_of(sql, params)
        assert index in plan, plan
