"""What an SDK asks for besides events: its configuration, who the viewer is, and places for statistics.

Answered here so that a page with the real SDK works with nothing but mediadash; or by mParticle (`pass_through`). A
known identity gets the same mpid for ever, because it is computed from the identity and the workspace.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sessions_app.ingest import answers, body, pass_through
from sessions_app.ingest.answers import Answer, RefusedError
from sessions_app.ingest.inputs import KnownInput
from sessions_app.ingest.routes import Kind, Route
from sessions_app.wire import identity
from sessions_app.wire.batch import WireError

Headers = Mapping[bytes, bytes]


async def config(route: Route, source: KnownInput, scope: Any, headers: Headers, receive: Any) -> Answer:
    """No kits, no rules; events are uploaded in batches, each as soon as the SDK likes."""
    theirs = await pass_through.passed_on(route, source, headers, query=scope.get("query_string", b""))
    if theirs is not None:
        return theirs
    return answers.for_json(
        200,
        {
            "appName": source.key,
            "serviceUrl": "",
            "secureServiceUrl": "",
            "minWebviewBridgeVersion": 2,
            "workspaceToken": str(source.workspace_id),
            "kitConfigs": [],
            "pixelConfigs": [],
            "flags": {"eventBatchingIntervalMillis": "1000"},
            # Android and iOS read these from the same document.
            "dt": "ac",
            "eks": [],
            "ct": 0,
        },
    )


async def who(route: Route, source: KnownInput, scope: Any, headers: Headers, receive: Any) -> Answer:
    """identify, login, logout, modify."""
    sent = await body.read(receive, headers, route)
    try:
        text = body.unpack(sent, headers, route)
        request = identity.read_request(text)
    except WireError as error:
        raise RefusedError(400, error.code, error.message) from None
    theirs = await pass_through.passed_on(route, source, headers, body=text)
    if theirs is not None:
        return theirs
    return answers.for_json(200, identity.answer(route.action, request, str(source.workspace_id), route.mpid))


async def swallow(route: Route, source: KnownInput, scope: Any, headers: Headers, receive: Any) -> Answer:
    """Kit statistics and alias requests: taken, and not needed."""
    sent = await body.read(receive, headers, route)
    return await pass_through.passed_on(route, source, headers, body=sent) or Answer(202)


ANSWERS: dict[Kind, Callable[[Route, KnownInput, Any, Headers, Any], Awaitable[Answer]]] = {
    Kind.CONFIG: config,
    Kind.IDENTITY: who,
    Kind.SWALLOW: swallow,
}
