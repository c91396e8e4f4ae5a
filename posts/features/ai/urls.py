from django.urls import path

from posts.features.ai.api import views

SHARED = [
    path("ai/generate-caption", views.GenerateCaption.as_view()),
    path("ai/generate-image", views.GenerateImage.as_view()),
]
