"""One address."""

from django.urls import path

from bench.naive.views import Events

urlpatterns = [path("v2/events", Events.as_view())]
