"""`/1/contracts`: judging, recording and ending contracts, and what devices are committed to.

Reads requests, calls the domain, writes answers; decides nothing about contracts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request

from registry.contracts.contract import Contract, written
from registry.contracts.form import read_contract, read_contracts
from registry.contracts.judging import Judge
from registry.contracts.reports import report_of
from registry.contracts.sight import ContractSight
from registry.contracts.verdict import Verdict, contract_document, document
from registry.contracts.writing import ContractWriter, permit
from registry.devices.documents import device_iri
from registry.errors import BadRequest, ContractRefused, ValidationFailed
from registry.http import problems
from registry.http.authentication import authenticate_with, principal
from registry.http.bodies import as_object, read_body
from registry.http.languages import in_asked_language
from registry.http.listing_parameters import read_page
from registry.http.preconditions import matched_tags
from registry.http.representation import chosen, represent
from registry.in_force import InForce
from registry.profile import Profile
from registry.tokens.verifier import TokenVerifier
from registry.vocabulary import FLEX, SH
from sparql.graph_formats import GRAPH_FORMATS, write_graph
from sparql.terms import Triple

_FORMS = {form.media_type: form for form in GRAPH_FORMATS}
_PREFIXES = {"sh": SH, "flex": FLEX}


def contracts_blueprint(in_force: InForce, judge: Judge, writer: ContractWriter, verifier: TokenVerifier) -> Blueprint:
    """Return the blueprint of contracts, open to whoever `verifier` knows."""
    blueprint = Blueprint("contracts", __name__, url_prefix="/1")
    blueprint.before_request(authenticate_with(verifier))
    view = _ContractViews(in_force, judge, writer)
    item = "/contracts/<contract_id>"
    blueprint.add_url_rule("/contracts/validate", "validate", view.validate, methods=["POST"])
    blueprint.add_url_rule("/contracts", "list", view.list)
    blueprint.add_url_rule(item, "item", view.item)
    blueprint.add_url_rule(item, "put", view.put, methods=["PUT"])
    blueprint.add_url_rule(item, "end", view.end, methods=["DELETE"])
    blueprint.add_url_rule("/devices/<device_id>/commitments", "commitments", view.commitments)
    blueprint.register_error_handler(ContractRefused, _refused)
    return blueprint


class _ContractViews:
    """One method for each operation."""

    def __init__(self, in_force: InForce, judge: Judge, writer: ContractWriter) -> None:
        self._in_force = in_force
        self._judge = judge
        self._writer = writer

    @property
    def _profile(self) -> Profile:
        return self._in_force.edition.profile

    @property
    def _sight(self) -> ContractSight:
        return ContractSight(self._judge.commitments, principal())

    def validate(self) -> Response:
        caller, body = principal(), read_body()
        many = isinstance(body, list)
        asked = [each for each in (body if many else [body]) if isinstance(each, dict)]
        for whose in {str(each.get("aggregator_id")) for each in asked} or {str(caller.aggregator_id)}:
            permit(caller, whose)

        contracts = read_contracts(self._profile, body if many else [body], single=not many)
        verdicts = self._in_force.read(lambda edition: self._judge.verdicts(edition.profile, caller, contracts))
        return _judged(verdicts, many=many)

    def list(self) -> Response:
        account = request.args.get("account_id")
        device = request.args.get("device_id")
        named = None if device is None else device_iri(device)
        if device is not None and named is None:
            raise BadRequest("device_id must be a UUID")
        found = self._sight.contracts(None if account is None else account.lower(), named)
        page, size = read_page(request.args)
        shown = found[(page - 1) * size : page * size]
        meta = {"page": page, "max_results": size, "total": len(found)}
        return _fresh(represent({"_items": [contract_document(self._profile, each) for each in shown], "_meta": meta}))

    def item(self, contract_id: str) -> Response:
        return _shown(self._profile, self._sight.contract(contract_id, request.args.get("aggregator_id")))

    def put(self, contract_id: str) -> Response:
        caller, body = principal(), as_object(read_body())
        permit(caller, str(body.get("aggregator_id")))
        if body.setdefault("contract_id", contract_id) != contract_id:
            raise ValidationFailed("", [{"contract_id": f"must be {contract_id}, as the address says"}])
        contract = read_contract(self._profile, body)
        tags = matched_tags(request.headers) if request.headers.get("If-Match") else None
        agreed, new = self._writer.put(caller, contract, tags)
        response = _shown(self._profile, agreed)
        if new:
            response.status_code = 201
            response.headers["Location"] = f"/1/contracts/{agreed.contract_id}"
        return response

    def end(self, contract_id: str) -> Response:
        caller, aggregator = principal(), request.args.get("aggregator_id")
        permit(caller, aggregator if aggregator is not None else str(caller.aggregator_id))
        found = self._sight.contract(contract_id, aggregator)
        ended = self._writer.end(caller, found.aggregator_id, contract_id, matched_tags(request.headers))
        return _shown(self._profile, ended)

    def commitments(self, device_id: str) -> Response:
        device = self._in_force.read(lambda edition: edition.reader.get(principal(), device_id))
        items = [
            {"start": written(each.begin), "end": written(each.end), "power": float(each.power)}
            | ({"contract_id": each.contract.contract_id} if named else {})
            for each, named in self._sight.of_device(device.iri)
        ]
        return _fresh(represent({"device_id": device_id.lower(), "_items": items}))


def _judged(verdicts: Sequence[Verdict], *, many: bool) -> Response:
    """Return verdicts in the form that is asked for; as a problem only if there is one."""
    media_type = chosen([problems.PROBLEM, *_FORMS])
    if media_type in _FORMS:
        return _fresh(_graph(report_of(verdicts), media_type))
    documents = in_asked_language([document(each) for each in verdicts])
    if media_type == problems.PROBLEM and not all(each.valid for each in verdicts):
        codes = sorted({reason.code for each in verdicts for reason in each.all_reasons})
        return _problem(422, f"Not every contract holds: {', '.join(codes)}", {"verdicts": documents})
    found: dict[str, Any] = {"_items": documents} if many else documents[0]
    return _fresh(represent(found, media_type=None if media_type == problems.PROBLEM else media_type))


def _refused(error: ContractRefused) -> Response:
    """Answer a contract that does not hold, with every reason."""
    media_type = chosen([problems.PROBLEM, *_FORMS])
    if media_type in _FORMS:
        return _graph(error.report, media_type, error.status)
    verdict = in_asked_language(error.verdict)
    if media_type == problems.PROBLEM:
        return _problem(error.status, error.message, {"verdicts": [verdict]})
    failure = {"code": error.status, "message": error.message}
    return represent({"_status": "ERR", "_error": failure, "verdict": verdict}, error.status)


def _problem(status: int, detail: str, more: dict[str, Any]) -> Response:
    problem = problems.Problem(
        status=status, code="contract-does-not-hold", title=ContractRefused.title, detail=detail, more=more
    )
    return problems.render(problem)


def _graph(triples: Any, media_type: str, status: int = 200) -> Response:
    found: frozenset[Triple] = frozenset(triples)
    body = write_graph(found, _FORMS[media_type], _PREFIXES)
    return Response(body, status, content_type=f"{media_type}; charset=utf-8")


def _shown(profile: Profile, contract: Contract) -> Response:
    response = represent(contract_document(profile, contract))
    response.set_etag(contract.etag)
    return _fresh(response)


def _fresh(response: Response) -> Response:
    """Say that the answer holds for now: what is free changes with every contract."""
    response.headers["Cache-Control"] = "no-cache"
    return response
