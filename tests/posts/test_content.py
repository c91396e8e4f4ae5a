"""What a customer writes of a post is declared once, and every reader follows."""

import os
import subprocess
import sys

from posts import content
from posts.composing import events
from posts.features.approval import edits
from posts.features.importing.formats import rows
from posts.models import Post
from tests import migrated


def test_a_new_text_field_is_in_every_reader_by_itself():
    """The program's assertions name the reader that lacks it."""
    with migrated.database("dovecote_mood") as address:
        named = {**os.environ, "DATABASE_URL": address}
        subprocess.run([sys.executable, "-m", "tests.posts.mood"], env=named, check=True)


def test_lists_whose_values_are_made_by_hand_name_what_is_declared():
    """Files are one value of a version, and so are hashtags."""
    merged = {"media_ids": "media", "alt_texts": "media", "scheduled_at": "scheduled_for"}
    merged |= {each.name: "hashtags" for each in content.FIELDS if each.part_of == "hashtags"}
    post = Post(hashtags={"said": None, "added": {"first_comment": "Hi"}})

    assert set(events.editable_values(post, [])) == set(content.names("event"))
    declared = {merged.get(name, name) for name in content.names("version")}
    assert set(edits.version(post, [], [])) == declared
    assert set(content.names("export")) <= set(rows.READERS)
