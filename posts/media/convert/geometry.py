"""Calculate how large a picture becomes, and the canvas it is placed on. Pure arithmetic."""

from dataclasses import dataclass
from math import sqrt

from platforms.limits import Form


class ConversionError(Exception):
    """The file cannot be converted to this form, now or later.

    The message completes "… could not be converted: " and may be shown to customers.
    """


@dataclass(frozen=True, slots=True)
class Frame:
    """The picture's size in pixels, and that of the canvas it is centred on: equal without bars."""

    width: int
    height: int
    canvas_width: int
    canvas_height: int

    @property
    def has_bars(self) -> bool:
        return (self.width, self.height) != (self.canvas_width, self.canvas_height)

    @property
    def left(self) -> int:
        return (self.canvas_width - self.width) // 2

    @property
    def top(self) -> int:
        return (self.canvas_height - self.height) // 2


def fit(width: int, height: int, form: Form, *, longest: int = 0, step: int = 1) -> Frame:
    """Return the largest frame for this picture that the form allows, never enlarging it.

    `longest` also limits the longer side; sides are rounded down to multiples of `step`.
    """
    canvas_width, canvas_height = float(width), float(height)
    ratio = width / height
    if ratio < form.min_ratio:
        canvas_width = height * form.min_ratio
    elif form.max_ratio and ratio > form.max_ratio:
        canvas_height = width / form.max_ratio
    limits = [1.0]
    if form.max_width:
        limits.append(form.max_width / canvas_width)
    if form.max_height:
        limits.append(form.max_height / canvas_height)
    if form.max_pixels:
        limits.append(sqrt(form.max_pixels / (canvas_width * canvas_height)))
    if longest:
        limits.append(longest / max(canvas_width, canvas_height))
    scale = min(limits)

    def side(length: float) -> int:
        return max(step, int(length * scale + 1e-6) // step * step)

    return Frame(side(width), side(height), side(canvas_width), side(canvas_height))
