"""What an operator enters: a new time, a new text."""

from datetime import timedelta
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from platforms.registry import ADAPTERS
from posts.composing import times
from posts.features.operations.operations import Moment, Shift
from posts.models import Post

UNITS = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
}
#: About ten years, in the largest unit.
MOST_SHIFTED = 3650


class MoveForm(forms.Form):
    """Either one time for all, or how much later each is published."""

    when = forms.CharField(
        label="To this time",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
        help_text="All chosen posts get this time. Leave it empty to shift them instead.",
    )
    zone = forms.ChoiceField(
        label="Time zone of that time",
        choices=lambda: [(name, name) for name in times.names()],
        widget=UnfoldAdminSelectWidget,
    )
    shift = forms.IntegerField(
        label="Or shift each by",
        required=False,
        min_value=-MOST_SHIFTED,
        max_value=MOST_SHIFTED,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Negative: earlier.",
    )
    unit = forms.ChoiceField(
        label="Unit of the shift",
        choices=[(unit, unit) for unit in UNITS],
        initial="hours",
        widget=UnfoldAdminSelectWidget,
        help_text="Days keep the time of day in each post's own zone.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        when, shift = given.get("when"), given.get("shift")
        if self.errors:
            return given
        if bool(when) == bool(shift):
            self.add_error("when", "Enter either a time or a shift that is not 0.")
        elif when:
            try:
                given["target"] = Moment(times.parse(when), given["zone"])
            except ValueError as wrong:
                self.add_error("when", str(wrong))
        elif shift:
            given["target"] = Shift(UNITS[given["unit"]] * shift)
        return given


class TextForm(forms.Form):
    """The text, and the texts of networks that get another one."""

    text = forms.CharField(
        label="Text",
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
    )

    def __init__(self, data: Any, post: Post, platforms: list[str]) -> None:
        super().__init__(data, initial={"text": post.content})
        self.platforms = platforms
        for platform in platforms:
            name = ADAPTERS[platform].name
            self.fields[f"own_{platform}"] = forms.CharField(
                label=f"Another text for {name}",
                required=False,
                strip=False,
                initial=post.platform_content.get(platform, {}).get("content", ""),
                widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
                help_text=f"Empty: {name} gets the text above.",
            )

    @property
    def own(self) -> dict[str, str]:
        return {key: self.cleaned_data[f"own_{key}"] for key in self.platforms}

    def add_problems(self, problems: Any) -> None:
        """Show what each network does not accept beside the text that it would get."""
        for problem in problems:
            platform = problem.get("platform")
            has_own = platform in self.platforms and self.own[platform].strip()
            self.add_error(f"own_{platform}" if has_own else "text", str(problem["message"]))
