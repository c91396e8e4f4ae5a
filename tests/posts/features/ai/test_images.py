"""Images have the ratio that was asked for."""

import io

import pytest
from PIL import Image

from posts.features.ai import crop_sandboxed, generate


@pytest.mark.parametrize("ratio", generate.ASPECT_RATIOS)
@pytest.mark.parametrize("size", [(1024, 1024), (1536, 1024), (1024, 1536)])
def test_the_middle_of_an_image_has_the_ratio(ratio, size):
    width, height = map(int, ratio.split(":"))

    left, top, right, bottom = crop_sandboxed.middle(*size, width / height) or (0, 0, *size)

    assert (right - left) / (bottom - top) == pytest.approx(width / height, rel=0.02)
    assert (right - left == size[0]) or (bottom - top == size[1])
    assert abs(left - (size[0] - right)) <= 1
    assert abs(top - (size[1] - bottom)) <= 1


def test_an_image_of_another_ratio_is_cropped_in_its_own_format(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    Image.new("RGB", (300, 200), "navy").save(source, "JPEG")
    request = {"source": str(source), "target": str(target), "width": 1, "height": 1}

    assert crop_sandboxed.work(request) == {"cropped": True}

    with Image.open(io.BytesIO(target.read_bytes())) as image:
        assert (image.format, image.size) == ("JPEG", (200, 200))


def test_what_is_no_image_is_left_as_it_is(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"no image")
    request = {"source": str(source), "target": str(target), "width": 1, "height": 1}

    assert crop_sandboxed.work(request) == {"cropped": False}
    assert not target.exists()
