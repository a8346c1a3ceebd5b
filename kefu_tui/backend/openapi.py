"""The OpenAPI 3.1 document: schemas come from the same msgspec structs that requests are decoded with."""

from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

import kefu_tui
from kefu_tui import wire
from kefu_tui.backend import shapes
from kefu_tui.wire import Problem

_REF = "#/components/schemas/{name}"


def described(
    answer: type | None,
    body: type | None = None,
    *,
    status: int = 200,
    problems: Sequence[int] = (),
    media: str = "application/json",
) -> dict[str, Any]:
    """Arguments of a route decorator that describe its answer, its JSON body and the problems it may answer with."""
    good: dict[str, Any] = {"description": "Done"}
    if answer is not None:
        good["content"] = {media: {"schema": _ref(answer)}}
    elif media != "application/json":
        good["content"] = {media: {"schema": {"type": "string"}}}
    problem = {"application/problem+json": {"schema": _ref(Problem)}}
    responses: dict[int | str, Any] = {status: good}
    responses.update({code: {"description": "Refused", "content": problem} for code in (*problems, 503)})
    extra: dict[str, Any] = {}
    if body is not None:
        extra["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(body)}}}
    return {"status_code": status, "responses": responses, "openapi_extra": extra}


def document(app: FastAPI) -> dict[str, Any]:
    """The document of an application: its routes with the schemas of their structs."""
    found = get_openapi(title="kefu", version=kefu_tui.__version__, openapi_version="3.1.0", routes=app.routes)
    operations = [operation for path in found["paths"].values() for operation in path.values()]
    for operation in operations:
        if "422" in operation["responses"]:
            content = {"application/problem+json": {"schema": _ref(Problem)}}
            operation["responses"]["422"] = {"description": "Refused", "content": content}
    structs = [
        shape
        for module in (wire, shapes)
        for shape in vars(module).values()
        if isinstance(shape, type) and issubclass(shape, msgspec.Struct)
    ]
    _, schemas = msgspec.json.schema_components(structs, ref_template=_REF)
    found["components"] = {
        "schemas": schemas,
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "of a desk, or of a visitor"}},
    }
    for operation in operations:
        if "401" in operation["responses"] and operation["operationId"] not in ("sign-in.sign_in", "channels.take_in"):
            operation["security"] = [{"token": []}]
    return found


def _ref(shape: type) -> dict[str, str]:
    return {"$ref": _REF.format(name=shape.__name__)}
