from django.urls import path

from posts.features.analytics.api import views

SHARED = [path("analytics/summary", views.AnalyticsSummary.as_view())]
