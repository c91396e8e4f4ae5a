"""What `meta` of every answer has."""

from rest_framework import serializers


class MetaSerializer(serializers.Serializer):
    request_id = serializers.CharField(help_text="The request's id, as in the logs.")
    timestamp = serializers.DateTimeField(help_text="When the answer was given.")


class PaginationSerializer(serializers.Serializer):
    limit = serializers.IntegerField(help_text="The most items that a page has.")
    offset = serializers.IntegerField(help_text="How many items were skipped before this page.")
    total = serializers.IntegerField(
        help_text="How many items match in all; above 10,000 at least so many."
    )
    total_is_exact = serializers.BooleanField(
        help_text="false: there are more than 10,000, and they were not counted."
    )
    has_more = serializers.BooleanField(help_text="Whether another page follows.")


class PageMetaSerializer(MetaSerializer):
    pagination = PaginationSerializer(help_text="Which page of the list this is.")
