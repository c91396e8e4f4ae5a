"""Public ids say a UUID in base 36, and the UUID can be read from them."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from destinations import public_ids
from destinations.public_ids import POST


@given(st.uuids() | st.integers(0, 2**128 - 1).map(lambda number: uuid.UUID(int=number)))
def test_a_public_id_is_its_uuid_in_base_36(key):
    found = public_ids.encode(POST, key)

    assert int(found.removeprefix("post_"), 36) == key.int
    assert found in ("post_0", f"post_{found[5:].lstrip('0')}")
    assert public_ids.decode(POST, found) == key
    assert public_ids.encode_text(POST, str(key)) == found
