"""The filter by date: today, yesterday, the last days, or from one day to another, in UTC."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.admin import ListFilter
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget

from destinations.admin.lists import time_search
from destinations.runtime import clock

NAMES = {
    "today": "Today",
    "yesterday": "Yesterday",
    "7d": "The last 7 days",
    "30d": "The last 30 days",
}


#: Others have no day before or after.
POSSIBLE = (MinValueValidator(date(1970, 1, 2)), MaxValueValidator(date(9999, 1, 1)))


def _day(label: str) -> forms.DateField:
    """A day, by the browser's own choice."""
    widget = forms.DateInput({"type": "date", "class": " ".join(INPUT_CLASSES)}, "%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, validators=POSSIBLE)


class DateForm(forms.Form):
    when = forms.ChoiceField(
        label="Date (UTC)",
        choices=[("", "Any"), *NAMES.items()],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    since = _day("Or from")
    until = _day("To")


class DateFilter(ListFilter):
    """By `column`, which an index of the list serves, or which grows with the primary key."""

    title = "date"
    template = "unfold/filters/filters_field.html"
    parameter_names = ("when", "since", "until")
    #: Later versions of the theme expect each filter to have one.
    parameter_name = "when"
    column = "created_at"
    grows_with_pk = False

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.expected_parameters():
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]
        self.form = DateForm(self.used_parameters or None)

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.parameter_names)

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        yield {"form": self.form}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        since, until = self._bounds()
        if since is None and until is None:
            return queryset
        if self.grows_with_pk:
            return queryset.filter(time_search.between(queryset.model, self.column, since, until))
        chosen = Q(**{f"{self.column}__gte": since}) if since else Q()
        return queryset.filter(chosen & (Q(**{f"{self.column}__lt": until}) if until else Q()))

    def said(self) -> str:
        """The chosen dates in words; "" if none are."""
        given = self._given()
        if name := NAMES.get(given.get("when", "")):
            return name
        since, until = given.get("since"), given.get("until")
        if since and until:
            return f"{since} to {until}"
        return f"from {since}" if since else f"to {until}" if until else ""

    def _given(self) -> dict[str, Any]:
        """Return what is valid of the parameters; what is not filters nothing."""
        return self.form.cleaned_data if self.form.is_bound and self.form.is_valid() else {}

    def _bounds(self) -> tuple[datetime | None, datetime | None]:
        given, today = self._given(), clock.now().astimezone(UTC).date()
        day = timedelta(days=1)
        match given.get("when"):
            case "today":
                return _midnight(today), None
            case "yesterday":
                return _midnight(today - day), _midnight(today)
            case "7d":
                return _midnight(today - 6 * day), None
            case "30d":
                return _midnight(today - 29 * day), None
        since, until = given.get("since"), given.get("until")
        return (
            _midnight(since) if since else None,
            _midnight(until + day) if until else None,
        )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def by(column: str, *, grows_with_pk: bool = False) -> type[DateFilter]:
    """The filter for a list whose rows have their time in this column."""
    fields = {"column": column, "grows_with_pk": grows_with_pk}
    return type("DateFilter", (DateFilter,), fields)
