"""Query strings: strict fields, and pages."""

import re
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from posts.api.serializers.fields import StrictSerializer

#: A query's value for no filter.
ALL = "all"


class QueryNumberField(serializers.IntegerField):
    """An integer of a query string, of at most 18 digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 1 - 10**18, "max_value": 10**18 - 1, **options})

    def to_internal_value(self, data: Any) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", str(data)):
            self.fail("invalid")
        return int(data)


class ChoicesField(serializers.Field):
    """One word or several, separated by commas; `choices` are the words there are."""

    def __init__(self, choices: Any, **options: Any) -> None:
        self.word = serializers.ChoiceField(choices=choices)
        self.choices = [*choices, ALL]
        help_text = f"One or more, separated by commas: {', '.join(choices)}; or {ALL}."
        super().__init__(help_text=help_text, **options)
        word = "|".join(choices)
        pattern = f"^({ALL}|({word})(,({word}))*)$"
        extend_schema_field({"type": "string", "pattern": pattern})(self)

    def to_internal_value(self, data: Any) -> list[str]:
        return [self.word.run_validation(word) for word in str(data).split(",")]


class QuerySerializer(StrictSerializer):
    """A query string. An empty value is no filter, nor is `all` where there are choices."""

    def _may_be_null(self, name: str, field: serializers.Field) -> bool:
        return False

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(
            {name: value for name, value in data.items() if not self._filters_nothing(name, value)}
        )

    def _filters_nothing(self, name: str, value: Any) -> bool:
        choices = getattr(self.fields.get(name), "choices", {})
        return name in self.fields and (value == "" or (value == ALL and ALL in choices))


class PageQuery(QuerySerializer):
    limit = QueryNumberField(min_value=1, max_value=100, default=20)
    offset = QueryNumberField(min_value=0, max_value=1_000_000_000, default=0)


class ResourceQuery(PageQuery):
    """Pages of what a workspace has few of."""

    limit = QueryNumberField(min_value=1, max_value=100, default=50)
