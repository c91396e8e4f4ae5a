from django.urls import path

from posts.features.analytics import api

SHARED = [path("analytics/summary", api.AnalyticsSummary.as_view())]
