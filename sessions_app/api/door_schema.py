"""What drf-spectacular cannot see: the ingest doors, which stand before Django, and the refusals every view shares.

The doors answer in mParticle's form (`errors[]` of code and message), the API in RFC 9457.
"""

from typing import Any

Schema = dict[str, Any]

ERRORS: Schema = {
    "type": "object",
    "required": ["errors"],
    "properties": {
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "index": {"type": "integer", "nullable": True},
                    "pointer": {"type": "string"},
                },
            },
        }
    },
}
ACCEPTED: Schema = {
    "type": "object",
    "description": "Committed. What became of the events, in numbers.",
    "properties": {
        "accepted": {"type": "integer"},
        "duplicates": {"type": "integer"},
        "quarantined": {"type": "integer"},
        **ERRORS["properties"],
    },
}
PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {name: {"type": "string"} for name in ("pointer", "code", "message")},
            },
        },
    },
}
EVENT: Schema = {
    "type": "object",
    "description": "A media event (docs/wire.md); what is missing or odd is quarantined, its neighbours are stored.",
    "required": ["event_type", "data"],
    "properties": {
        "event_type": {"type": "string", "example": "custom_event"},
        "data": {
            "type": "object",
            "properties": {
                "event_name": {"type": "string", "example": "Play"},
                "custom_event_type": {"type": "string", "example": "media"},
                "timestamp_unixtime_ms": {"type": "integer", "format": "int64"},
                "source_message_id": {"type": "string"},
                "custom_attributes": {"type": "object", "additionalProperties": True},
            },
        },
    },
}
BATCH: Schema = {
    "type": "object",
    "required": ["events"],
    "properties": {
        "events": {"type": "array", "items": EVENT},
        "environment": {"type": "string", "enum": ["production", "development"]},
        "mpid": {"type": "integer", "format": "int64"},
        "user_identities": {"type": "object", "additionalProperties": True},
        "device_info": {"type": "object", "additionalProperties": True},
        "source_request_id": {"type": "string"},
    },
}
ANY_OBJECT: Schema = {"type": "object", "additionalProperties": True}
NATIVE: Schema = {
    "type": "object",
    "description": "A batch in short keys (docs/wire.md), packed with gzip or not",
    "required": ["msgs"],
    "properties": {"msgs": {"type": "array", "items": ANY_OBJECT}},
}
LEGACY_FORM: Schema = {"type": "object", "description": "one event in short keys, as the old web SDK sends it"}

REFUSALS = {
    "400": "The body as a whole cannot be read",
    "401": "No key, or a signature that does not fit",
    "403": "The key opens nothing here, or its input does not let this page send",
    "405": "Another method",
    "413": "Too large, packed or unpacked",
    "415": "Another content type or encoding",
    "429": "Too fast for this key; Retry-After says when, in seconds",
    "503": "Not now; Retry-After says when, in seconds",
}
PROBLEMS = {
    "400": "Something in the request cannot be meant; `errors` says what",
    "401": "Not signed in, or a token that opens nothing",
    "403": "The role does not allow it, or the workspace is not one's own",
    "404": "Not there, or not for this role to know",
    "405": "Another method",
    "409": "Not in this state",
    "413": "Too much at once",
    "415": "Another content type",
    "429": "Too often; Retry-After says when, in seconds",
}

KEY: Schema = {"name": "key", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 64}}
MPID: Schema = {"name": "mpid", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 32}}
MP_KEY: Schema = {"name": "x-mp-key", "in": "header", "required": False, "schema": {"type": "string"}}
SIGNED = [
    {"name": "Date", "in": "header", "required": False, "schema": {"type": "string"}},
    {"name": "x-mp-signature", "in": "header", "required": False, "schema": {"type": "string"}},
]
BASIC: list[Schema] = [{"inputKey": []}]
NOBODY: list[Schema] = [{}]


def add_doors(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """A postprocessing hook of drf-spectacular."""
    for path, methods in result["paths"].items():
        if path.startswith("/api/v1/"):
            for operation in methods.values():
                _add_problems(operation)
                for parameter in operation.get("parameters", ()):
                    _refuse_unreadable(parameter["schema"])
    for name, schema in result["components"].get("schemas", {}).items():
        if name.endswith("Request"):
            for field in schema.get("properties", {}).values():
                _refuse_unreadable(field)
    result["components"].setdefault("schemas", {}).update({"Problem": PROBLEM, "DoorErrors": ERRORS})
    schemes = result["components"].setdefault("securitySchemes", {})
    schemes["inputKey"] = {"type": "http", "scheme": "basic", "description": "an input's key and secret"}
    result["paths"].update(_doors())
    return result


def _refuse_unreadable(field: Schema) -> None:
    """No text of a request holds NUL, which Postgres could not keep; one that must not be empty is not blank either."""
    text = field.get("items", field)
    if text.get("type") == "string" and not {"enum", "format", "pattern"} & text.keys():
        text["pattern"] = r"^[^\u0000]*[^\u0000\s][^\u0000]*$" if text.get("minLength") else r"^[^\u0000]*$"


def _add_problems(operation: Schema) -> None:
    for status, words in PROBLEMS.items():
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        operation["responses"].setdefault(status, {"description": words, "content": content})


def _doors() -> dict[str, Schema]:
    bulk: Schema = {"type": "array", "items": BATCH}
    plain = ("application/json", "text/plain")
    return {
        "/v2/events": _door("events", "A batch of events", BATCH, security=BASIC),
        "/v2/bulkevents": _door("bulkevents", "Up to 100 batches", bulk, security=BASIC),
        "/v2/bulkevents/historical": _door("historical", "Up to 100 old batches", bulk, security=BASIC),
        "/v3/JS/{key}/events": _door("web_events", "The web SDK's batches", BATCH, (KEY,), types=plain),
        "/webevents/v3/JS/{key}/events": _door("web_events_cname", "The same by CNAME", BATCH, (KEY,), types=plain),
        "/v2/JS/{key}/Events": _door("web_legacy", "The old web SDK's events", LEGACY_FORM, (KEY,), types=plain),
        "/webevents/v2/JS/{key}/Events": _door(
            "web_legacy_cname", "The same by CNAME", LEGACY_FORM, (KEY,), types=plain
        ),
        "/v2/{key}/events": _door("native_events", "Android, iOS, Roku: short keys", NATIVE, (KEY, *SIGNED)),
        "/nativeevents/v2/{key}/events": _door("native_cname", "The same by CNAME", NATIVE, (KEY, *SIGNED)),
        "/{key}/events": _door("native_bare", "The same without folders", NATIVE, (KEY, *SIGNED)),
        "/webhook/{key}": _door("webhook", "mParticle's outgoing webhook", ANY_OBJECT, (KEY,)),
        **_companions(),
    }


def _companions() -> dict[str, Schema]:
    """What SDKs ask for besides events: on the paths of their own and on those behind a CNAME."""
    who = {
        "identify": "Who is this?",
        "login": "Somebody signed in",
        "logout": "Somebody signed out",
    }
    described: dict[str, Schema] = {}
    for place, folder in (("", "/v1"), ("_cname", "/identity/v1")):
        for action, words in who.items():
            door = _door(f"{action}{place}", words, ANY_OBJECT, (MP_KEY,), success="200")
            described[f"{folder}/{action}"] = door
        modify = _door(f"modify{place}", "An identity changed", ANY_OBJECT, (MPID, MP_KEY), success="200")
        described[f"{folder}/{{mpid}}/modify"] = modify
    for version in ("v1", "v2"):
        statistics = _door(f"forwarding_{version}", "What kits did: taken, not kept", ANY_OBJECT, (KEY,))
        described[f"/webevents/{version}/JS/{{key}}/Forwarding"] = statistics
    alias = _door("alias", "Two viewers are one: passed on, not kept", ANY_OBJECT, (KEY,))
    described["/webevents/v1/identity/{key}/Alias"] = alias
    described["/tags/JS/v2/{key}/config"] = _configuration("config_web")
    described["/config/v4/{key}/config"] = _configuration("config_native")
    return described


def _configuration(name: str) -> Schema:
    asked = _door(name, "The SDK's configuration", ANY_OBJECT, (KEY,), success="200")["post"]
    return {"get": {word: value for word, value in asked.items() if word != "requestBody"}}


def _door(
    name: str,
    words: str,
    body: Schema,
    parameters: tuple[Schema, ...] = (),
    *,
    security: list[Schema] = NOBODY,
    types: tuple[str, ...] = ("application/json",),
    success: str = "202",
) -> Schema:
    accepted = ACCEPTED if success == "202" else ANY_OBJECT
    refused = {"application/json": {"schema": {"$ref": "#/components/schemas/DoorErrors"}}}
    return {
        "post": {
            "operationId": f"door_{name}",
            "description": words,
            "tags": ["doors"],
            "security": security,
            "parameters": list(parameters),
            "requestBody": {"required": True, "content": {kind: {"schema": body} for kind in types}},
            "responses": {
                success: {"description": words, "content": {"application/json": {"schema": accepted}}},
                **{status: {"description": why, "content": refused} for status, why in REFUSALS.items()},
            },
        }
    }
