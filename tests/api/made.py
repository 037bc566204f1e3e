"""The smallest JSON client: a person's browser or a program's token, and the API's address."""

from tests.cast import bearer, signed_in


class Api:
    """Asks the API as somebody; answers are Django's."""

    def __init__(self, client, headers=None):
        self.client, self.headers = client, headers or {}

    def get(self, path, **query):
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def send(self, method, path, body=None):
        return self.client.generic(
            method, f"/api/v1/{path}", _json(body), content_type="application/json", headers=self.headers
        )

    def post(self, path, body=None):
        return self.send("POST", path, body)


def as_person(user):
    return Api(signed_in(user))


def as_program(workspace, role):
    from django.test import Client

    return Api(Client(), bearer(workspace, role))


def _json(body):
    import json

    return "" if body is None else json.dumps(body)
