"""Views that settings name by path; every page has a module of its own beside this one."""

from sessions_app.web.sign_in import locked_out

__all__ = ["locked_out"]
