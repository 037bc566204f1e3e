"""Tells Django that sessions_app is an application; docs in `sessions_app/__init__.py`."""

from django.apps import AppConfig


class SessionsAppConfig(AppConfig):
    name = "sessions_app"
    verbose_name = "Media sessions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from sessions_app.viewers.recent import note_sign_in

        user_logged_in.connect(note_sign_in)
