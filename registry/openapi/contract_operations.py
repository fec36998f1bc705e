"""The operations of the marketplace: contracts, and what devices are committed to."""

from __future__ import annotations

from typing import Any

from registry.access import ALLOWED, MAY_AGREE, MAY_SEE_CONTRACTS
from registry.access import Operation as Access
from registry.http.problems import PROBLEM
from registry.http.representation import JSON
from registry.openapi.answers import Answer, answer, facade_content, facade_failures, graph_content
from registry.openapi.contract_schemas import contract_example, many_contracts
from registry.openapi.operations import Operation, PathItem, head, operation, options
from registry.openapi.parameters import query, reference
from registry.openapi.schemas import schema_reference
from registry.profile import Profile

TAG = "Contracts"
_TEXT = {"type": "string"}
_BODY = (400, 408, 411, 413, 422)
_CONTRACT_ID = {
    "name": "contract_id",
    "in": "path",
    "required": True,
    "description": "What the parties call the contract.",
    "schema": _TEXT,
}
_WHOSE = query("aggregator_id", "Whose contract; only a service that finds several needs it.", _TEXT)


def contract_paths(profile: Profile) -> dict[str, PathItem]:
    """Return the paths of contracts and commitments."""
    page, item, held = _list(), _item(), _commitments()
    return {
        "/1/contracts": {
            "get": page,
            "head": head(page),
            "options": options("listContracts", failures=facade_failures()),
        },
        "/1/contracts/validate": {
            "post": _validate(profile),
            "options": options("validateContracts", failures=facade_failures()),
        },
        "/1/contracts/{contract_id}": {
            "parameters": [_CONTRACT_ID],
            "get": item,
            "head": head(item),
            "put": _put(profile),
            "delete": _end(),
            "options": options("getContract", failures=facade_failures()),
        },
        "/1/devices/{device_id}/commitments": {
            "parameters": [reference("device_id")],
            "get": held,
            "head": head(held),
            "options": options("listCommitments", failures=facade_failures()),
        },
    }


def _validate(profile: Profile) -> Operation:
    one = facade_content("Verdict")
    one[JSON] = {"anyOf": [schema_reference("Verdict"), schema_reference("Verdicts")]}
    verdict = answer("The verdict, or one for each contract.", {**one, **graph_content()}, ["Cache-Control"])
    failures = facade_failures(*_BODY)
    return operation(
        "validateContracts",
        TAG,
        "Judge one contract, or a list of them, and record nothing",
        {"200": verdict} | failures,
        description=(
            "Every reason against each contract and each device comes at once. In RDF the answer is a SHACL validation "
            f"report; who prefers {PROBLEM} gets 422 if a contract does not hold. Devices that you may not see count "
            "as unknown."
        ),
        roles=MAY_AGREE,
        parameters=[reference("Accept-Language")],
        body=_body({"anyOf": [schema_reference("NewContract"), many_contracts()]}, profile),
    )


def _put(profile: Profile) -> Operation:
    return operation(
        "putContract",
        TAG,
        "Record an agreed contract, or change it",
        {
            "200": _written("It was changed."),
            "201": _written("It was recorded.", ["Location"]),
            "409": _refused("Other contracts hold the power, or the contract was ended."),
            "422": _refused("It does not hold, or is no contract."),
        }
        | {status: each for status, each in facade_failures(*_BODY, 404, 412, 428).items() if status != "422"},
        description="It is judged as by validate. To change a contract send If-Match; an ended one stays as it is.",
        roles=MAY_AGREE,
        parameters=[reference("If-Match"), reference("Accept-Language")],
        body=_body(schema_reference("NewContract"), profile),
    )


def _end() -> Operation:
    return operation(
        "endContract",
        TAG,
        "End a contract: what it holds from now on is free",
        {"200": _written("It was ended; it can still be read.")} | facade_failures(400, 404, 409, 412, 428),
        roles=MAY_AGREE,
        parameters=[_WHOSE, reference("If-Match")],
    )


def _item() -> Operation:
    return operation(
        "getContract",
        TAG,
        "One contract, with the share of each device",
        {"200": _written("The contract.")} | facade_failures(400, 404),
        roles=MAY_SEE_CONTRACTS,
        parameters=[_WHOSE],
    )


def _list() -> Operation:
    return operation(
        "listContracts",
        TAG,
        "A page of the contracts in your view, those that begin last first",
        {"200": answer("The page.", facade_content("ContractPage"), ["Cache-Control"])} | facade_failures(400),
        roles=MAY_SEE_CONTRACTS,
        parameters=[
            reference("page"),
            reference("max_results"),
            query("account_id", "Only those of an account.", _TEXT),
            query("device_id", "Only those that name a device.", {"type": "string", "format": "uuid"}),
        ],
    )


def _commitments() -> Operation:
    return operation(
        "listCommitments",
        TAG,
        "What contracts hold of a device, and when",
        {"200": answer("By their beginning.", facade_content("Commitments"), ["Cache-Control"])} | facade_failures(404),
        description="A contract that you may not see has no contract_id here.",
        roles=ALLOWED[Access.READ],
    )


def _written(description: str, headers: list[str] | None = None) -> Answer:
    return answer(description, facade_content("Contract"), ["ETag", "Cache-Control", *(headers or [])])


def _refused(description: str) -> Answer:
    forms = [schema_reference(name) for name in ("ContractRefusal", "Refusal", "ListRefusal", "Error")]
    content = {**facade_content("Error"), JSON: {"anyOf": forms}, PROBLEM: schema_reference("Problem")}
    return answer(description, {**content, **graph_content()})


def _body(schema: Any, profile: Profile) -> dict[str, Any]:
    return {"required": True, "content": {JSON: {"schema": schema, "example": contract_example(profile)}}}
