"""What operations have in common: their form, the roles that they are open to, HEAD beside GET, and OPTIONS."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

from registry.access_matrix import ROLES
from registry.openapi.answers import Answers, answer
from registry.openapi.parameters import reference
from registry.principal import Role

Operation: TypeAlias = dict[str, Any]
PathItem: TypeAlias = dict[str, Any]

OTHER_METHODS = "HEAD and OPTIONS"
"""The tag of operations that clients seldom call by themselves."""
PUBLIC: list[dict[str, list[str]]] = []
"""The security of an operation that needs no token."""
OPTIONAL: list[dict[str, list[str]]] = [{"bearer": []}, {}]
"""The security of an operation of which a part needs no token."""


def operation(  # noqa: PLR0913  the members of an Operation Object
    name: str,
    tag: str,
    summary: str,
    answers: Answers,
    *,
    description: str = "",
    roles: Collection[Role] | None = None,
    parameters: Sequence[Any] = (),
    body: Mapping[str, Any] | None = None,
    security: list[dict[str, list[str]]] | None = None,
) -> Operation:
    """Return an Operation Object (OpenAPI 3.1, section 4.8.10).

    Args:
        name: the operationId.
        tag: the group to which it belongs.
        summary: a few words.
        answers: status -> answer.
        description: more words.
        roles: who may call it; None if no token is needed.
        parameters: beside X-Request-Id, which every operation takes.
        body: of the request.
        security: in place of that of the whole document.
    """
    made: Operation = {"operationId": name, "tags": [tag], "summary": summary}
    words = [description] if description else []
    if roles is not None:
        allowed = [role for role in ROLES if role in roles]
        words.append(f"Roles: {', '.join(allowed)}.")
        made["x-roles"] = allowed
    if words:
        made["description"] = "\n\n".join(words)
    made["parameters"] = [*parameters, reference("X-Request-Id")]
    if body is not None:
        made["requestBody"] = dict(body)
    made["responses"] = answers
    if security is not None:
        made["security"] = security
    return made


def head(get: Operation) -> Operation:
    """Return HEAD beside `get`: the same without bodies."""
    answers = {
        status: {name: value for name, value in each.items() if name != "content"}
        if "$ref" not in each
        else _without_body(each)
        for status, each in get["responses"].items()
    }
    return {
        **get,
        "operationId": f"{get['operationId']}Head",
        "tags": [OTHER_METHODS],
        "summary": f"The headers of: {get['summary']}",
        "responses": answers,
    }


def options(name: str, *, failures: Answers | None = None, status: int = 200, headers: Sequence[str] = ()) -> Operation:
    """Return OPTIONS of a path.

    Args:
        name: the operationId of GET, or of what is there in its place.
        failures: what else may come; None if no token is needed.
        status: of success.
        headers: of success, beside Allow.
    """
    answers = {str(status): answer("The methods that there are.", headers=["Allow", *headers])}
    answers.setdefault("204", answer("The answer to a preflight from an origin that is allowed (Fetch, section 3.2)."))
    security = PUBLIC if failures is None else None
    roles = None if failures is None else ROLES
    return operation(
        f"{name}Options",
        OTHER_METHODS,
        "Which methods there are",
        {**answers, **(failures or {})},
        roles=roles,
        security=security,
    )


def _without_body(reference_to_answer: Mapping[str, str]) -> dict[str, Any]:
    """Return the answer to HEAD in place of a component: what it means stands there."""
    name = reference_to_answer["$ref"].rpartition("/")[2]
    return answer(f"As {name}, without its body.")
