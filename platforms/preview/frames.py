"""The shapes in which feeds show files. Ratios are width / height."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from platforms.drafts import Media

Fit = Literal["whole", "crop", "bars"]
PORTRAIT, SQUARE, WIDE, CINEMA, UPRIGHT = 4 / 5, 1.0, 16 / 9, 1.91, 9 / 16
#: Ratios this close look alike.
SLACK = 0.01


@dataclass(frozen=True, slots=True)
class Item:
    """A file, and the shape of the frame in which it is shown.

    `crop`: its edges are cut off; `bars`: it stands whole between bars.
    """

    media: Media
    ratio: float
    fit: Fit = "whole"


def framed(
    item: Media, least: float = 0, most: float = 0, *, crops: bool = True, unknown: float = SQUARE
) -> Item:
    """Return a file in its own shape, as far as the feed has room: from `least` to `most`; 0: any.

    What exceeds that is cropped, or gets bars. `unknown`: the shape of a file without dimensions.
    """
    own = item.width / item.height if item.width and item.height else unknown
    # A conversion never crops: it adds bars until the network takes the shape.
    sent = _within(own, item.form.min_ratio, item.form.max_ratio) if item.form else own
    ratio = _within(sent, least, most)
    if _differ(sent, ratio) and crops:
        return Item(item, ratio, "crop")
    return Item(item, ratio, "bars" if _differ(own, ratio) else "whole")


def in_frame(item: Media, ratio: float, *, crops: bool = True) -> Item:
    """Return a file in a frame of this shape."""
    return framed(item, ratio, ratio, crops=crops, unknown=ratio)


def grid(files: Sequence[Media]) -> tuple[Item, ...]:
    """Squares; of three the first is a wide one above the others."""
    first = WIDE if len(files) == 3 else SQUARE
    return tuple(in_frame(item, SQUARE if n else first) for n, item in enumerate(files))


def _differ(one: float, other: float) -> bool:
    return abs(one / other - 1) > SLACK


def _within(ratio: float, least: float, most: float) -> float:
    ratio = max(ratio, least)
    return min(ratio, most) if most else ratio
