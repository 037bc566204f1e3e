"""The REST API's paths."""

from typing import Any

from django.urls import URLPattern, URLResolver, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

# The description of the API holds no data: everybody may read it.
OPEN: dict[str, Any] = {"authentication_classes": [], "permission_classes": []}

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(**OPEN), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerView.as_view(**OPEN),
        name="api-docs",
    ),
]
