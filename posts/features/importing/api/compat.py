"""Imports, with the plain ids of the compatibility mount."""

from collections.abc import Callable
from typing import Any

from posts.api.compat.serializers import inputs
from posts.features.importing.api import serializers as shapes
from posts.features.importing.api import views as reference


class PostImport(reference.PostImport):
    shown_id: Callable[[Any], str] = staticmethod(str)


class ImportViewSet(reference.ImportViewSet):
    shown_id: Callable[[Any], str] = staticmethod(str)


class ExportQuery(shapes.ExportQuery, inputs.PostQuery):
    pass


class PostExport(reference.PostExport):
    query: type[shapes.ExportQuery] = ExportQuery
