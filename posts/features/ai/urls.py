from django.urls import path

from posts.features.ai import api

SHARED = [
    path("ai/generate-caption", api.GenerateCaption.as_view()),
    path("ai/generate-image", api.GenerateImage.as_view()),
]
