"""What every test gets."""

import pytest

from tests.cast import cast  # noqa: F401


@pytest.fixture(autouse=True)
def _plain_static_files(settings):
    """Pages in tests name static files as they are called; hashing them is tested where it matters.

    Looked for when asked for: reading every folder for each test's client took longer than the tests.
    """
    settings.WHITENOISE_AUTOREFRESH = True
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
