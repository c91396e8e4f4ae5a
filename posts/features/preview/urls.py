from django.urls import path

from posts.features.preview import api, compat

urlpatterns = [path("posts/preview", api.PostPreview.as_view())]
COMPAT = [path("posts/preview", compat.PostPreview.as_view())]
