"""Which variants come first: workspaces in turn, and those last that could not be stored."""

from dataclasses import asdict
from datetime import timedelta

from destinations.runtime import clock
from platforms import sandbox
from platforms.limits import Form
from posts.media.convert import jobs, request
from posts.models import Media, Variant
from tests.posts.factories import make_media
from tests.posts.media import full_disk

FORM = Form("image/jpeg", max_width=16)


def waiting(ada) -> Variant:
    """A form that was asked for just now."""
    return Variant.objects.create(
        media=make_media(ada.workspace),
        form=asdict(FORM),
        digest=request.digest(FORM),
        lease_until=clock.now() + timedelta(seconds=request.MESSAGE_SECONDS),
    )


def statuses(*variants: Variant) -> list[str]:
    found = dict(Variant.objects.values_list("pk", "status"))
    return [found[variant.pk] for variant in variants]


def test_a_file_that_cannot_be_stored_does_not_block_others(ada, settings):
    older, younger = waiting(ada), waiting(ada)
    full_disk.fill(settings, only=older.media_id.hex)

    jobs.work(Media.Kind.IMAGE)
    jobs.work(Media.Kind.IMAGE)

    assert statuses(older, younger) == ["waiting", "ready"]
    older.refresh_from_db()
    assert (older.tries, older.claim, older.error) == (0, None, "")


def test_new_variants_come_before_those_that_were_put_back(ada, settings):
    older = waiting(ada)
    full_disk.fill(settings, only=older.media_id.hex)
    jobs.work(Media.Kind.IMAGE)
    younger = waiting(ada)

    jobs.work(Media.Kind.IMAGE)

    assert statuses(older, younger) == ["waiting", "ready"]


def test_variants_that_were_put_back_take_turns(ada, settings):
    first, second = waiting(ada), waiting(ada)
    full_disk.fill(settings)

    put_back = []
    for _ in range(4):
        jobs.work(Media.Kind.IMAGE)
        put_back.append(Variant.objects.exclude(put_back_at=None).latest("put_back_at"))

    assert put_back == [first, second, first, second]


def test_once_there_is_room_one_wake_up_makes_everything(ada, settings):
    variants, with_room = [waiting(ada) for _ in range(3)], settings.STORAGES
    full_disk.fill(settings)
    for _ in range(sandbox.TRIES + 2):
        jobs.work(Media.Kind.IMAGE)
    settings.STORAGES = with_room

    jobs.work(Media.Kind.IMAGE)

    assert statuses(*variants) == ["ready"] * 3
    assert set(Variant.objects.values_list("tries", flat=True)) == {1}


def test_workspaces_take_turns_however_many_files_one_has(ada, cy):
    mine, theirs = [waiting(ada) for _ in range(3)], waiting(cy)
    lane = jobs.VariantLane(Media.Kind.IMAGE, 1, jobs.LANES[Media.Kind.IMAGE].limits)

    claimed = [lane.claim() for _ in range(4)]

    assert claimed == [mine[0], theirs, *mine[1:]]
    assert lane.claim() is None
