"""`/1/vpps`: virtual power plants. Reads requests, calls the domain, writes answers; decides nothing about plants."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request

from registry.contracts.contract import power, written
from registry.contracts.form import LEAST_POWER, LONGEST, MOMENT_WORDS, MOST_POWER, read_moment
from registry.devices.criteria import All, Criteria
from registry.devices.documents import id_of
from registry.errors import ValidationFailed
from registry.http.authentication import authenticate_with, principal
from registry.http.bodies import as_object, read_body
from registry.http.free_capacity import read_span
from registry.http.listing_parameters import read_page
from registry.http.preconditions import matched_tags
from registry.http.representation import represent
from registry.in_force import Edition, InForce
from registry.profile.values import number
from registry.tokens.verifier import TokenVerifier
from registry.vpps.desk import Desk, Proposal, Span, Wish, whose
from registry.vpps.discovery import conditions
from registry.vpps.members import MOST_CHANGED, Changed
from registry.vpps.proposal import Prefer
from registry.vpps.vpp import Vpp, query_problem, read_vpp, to_state

_WISHES = ("target_kw", "from", "to", "prefer", "where", "most_devices")
_SOURCES = ("devices", "where", "sparql", "saved")


def vpps_blueprint(in_force: InForce, desk: Desk, verifier: TokenVerifier) -> Blueprint:
    """Return the blueprint of virtual power plants, open to whoever `verifier` knows."""
    blueprint = Blueprint("vpps", __name__, url_prefix="/1/vpps")
    blueprint.before_request(authenticate_with(verifier))
    view = _VppViews(in_force, desk)
    item = "/<plant_id>"
    blueprint.add_url_rule("", "list", view.list, strict_slashes=False)
    blueprint.add_url_rule("/proposal", "propose", view.propose, methods=["POST"])
    blueprint.add_url_rule(item, "item", view.item)
    blueprint.add_url_rule(item, "put", view.put, methods=["PUT"])
    blueprint.add_url_rule(item, "disband", view.disband, methods=["DELETE"])
    blueprint.add_url_rule(f"{item}/members", "members", view.members)
    blueprint.add_url_rule(f"{item}/members", "fill", view.fill, methods=["POST"])
    blueprint.add_url_rule(f"{item}/members/<device_id>", "release", view.release, methods=["DELETE"])
    return blueprint


class _VppViews:
    """One method for each operation."""

    def __init__(self, in_force: InForce, desk: Desk) -> None:
        self._in_force = in_force
        self._desk = desk

    @property
    def _edition(self) -> Edition:
        return self._in_force.edition

    def list(self) -> Response:
        aggregator = whose(principal(), request.args.get("aggregator_id"))
        found = self._in_force.read(lambda edition: self._desk.all(edition, aggregator))
        page, size = read_page(request.args)
        shown = [{**_document(vpp), "devices": count} for vpp, count in found[(page - 1) * size : page * size]]
        return _fresh(represent({"_items": shown, "_meta": {"page": page, "max_results": size, "total": len(found)}}))

    def item(self, plant_id: str) -> Response:
        aggregator, span = whose(principal(), request.args.get("aggregator_id")), _span(request.args)

        def read(edition: Edition) -> tuple[Vpp, dict[str, Any]]:
            vpp, devices = self._desk.plant(edition, aggregator, plant_id)
            return vpp, self._desk.totals(edition, vpp, devices, span)

        vpp, totals = self._in_force.read(read)
        return _shown(vpp, {"totals": totals})

    def put(self, plant_id: str) -> Response:
        aggregator = whose(principal(), request.args.get("aggregator_id"))
        vpp = read_vpp(plant_id, aggregator, as_object(read_body()))
        if vpp.query is not None and "where" in vpp.query:
            conditions(self._edition, vpp.query["where"])
        agreed, new = self._desk.plants.put(principal(), vpp, _tags(), self._edition.name)
        response = _shown(agreed)
        if new:
            response.status_code = 201
            response.headers["Location"] = f"/1/vpps/{agreed.plant_id}"
        return response

    def disband(self, plant_id: str) -> Response:
        aggregator = whose(principal(), request.args.get("aggregator_id"))
        vpp, _ = self._desk.plant(self._edition, aggregator, plant_id)
        outcome = self._desk.disband(principal(), self._edition, vpp, _tags())
        return represent(_changed(outcome))

    def members(self, plant_id: str) -> Response:
        aggregator = whose(principal(), request.args.get("aggregator_id"))
        _, devices = self._in_force.read(lambda edition: self._desk.plant(edition, aggregator, plant_id))
        page, size = read_page(request.args)
        shown = [id_of(each) for each in devices[(page - 1) * size : page * size]]
        return _fresh(represent({"_items": shown, "_meta": {"page": page, "max_results": size, "total": len(devices)}}))

    def fill(self, plant_id: str) -> Response:
        aggregator = whose(principal(), request.args.get("aggregator_id"))
        body = as_object(read_body())
        vpp = self._desk.plants.get(Vpp(plant_id=plant_id, aggregator_id=aggregator).iri)
        if vpp is None:
            vpp, _ = self._desk.plant(self._edition, aggregator, plant_id)
        return represent(_changed(self._desk.fill(principal(), self._edition, vpp, _source(vpp, body))))

    def release(self, plant_id: str, device_id: str) -> Response:
        aggregator = whose(principal(), request.args.get("aggregator_id"))
        vpp, _ = self._desk.plant(self._edition, aggregator, plant_id)
        self._desk.release(principal(), self._edition, vpp, device_id)
        return Response(status=204)

    def propose(self) -> Response:
        aggregator = whose(principal(), request.args.get("aggregator_id"))
        body = as_object(read_body())
        caller = principal()

        def find(edition: Edition) -> tuple[Wish, Proposal]:
            wish = _wish(edition, body)
            return wish, self._desk.propose(caller, edition, aggregator, wish)

        wish, proposal = self._in_force.read(find)
        return _fresh(represent(_proposal(wish, proposal)))


def _source(vpp: Vpp, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return where devices are to come from."""
    if len(body) != 1 or not set(_SOURCES).issuperset(body):
        words = f"must be one of {', '.join(_SOURCES)}: devices is a list of ids, saved is true for the plant's query"
        raise ValidationFailed("The body must say by one member which devices", [{"body": words}])
    if "devices" in body:
        named = body["devices"]
        if not isinstance(named, list) or not 0 < len(named) <= MOST_CHANGED:
            raise ValidationFailed("", [{"devices": f"must be a list of 1 to {MOST_CHANGED:,} ids"}])
        return body
    if "saved" in body:
        if body["saved"] is not True or vpp.query is None:
            raise ValidationFailed("", [{"saved": "must be true, for a plant with a query"}])
        return vpp.query
    if problem := query_problem(dict(body)):
        raise ValidationFailed("", [{next(iter(body)): problem}])
    return body


def _wish(edition: Edition, body: Mapping[str, Any]) -> Wish:
    issues: dict[str, Any] = {
        name[:60]: f"unknown member; a proposal takes {', '.join(_WISHES)}" for name in body if name not in _WISHES
    }
    target = _target(body.get("target_kw"))
    if target is None:
        issues["target_kw"] = f"must be a number from {LEAST_POWER} to {MOST_POWER}, in kW"
    start, end = read_moment(body.get("from")), read_moment(body.get("to"))
    issues |= {name: MOMENT_WORDS for name, found in (("from", start), ("to", end)) if found is None}
    if start is not None and end is not None and not start < end <= start + LONGEST:
        issues["to"] = f"must be later than from, by at most {LONGEST.days:,} days"
    prefer, most = body.get("prefer", Prefer.FEWEST.value), body.get("most_devices")
    if prefer not in [each.value for each in Prefer]:
        issues["prefer"] = f"must be {' or '.join(Prefer)}"
    if most is not None and not (type(most) is int and most > 0):
        issues["most_devices"] = "must be a whole number of 1 or more"
    where = body.get("where", {})
    if not isinstance(where, dict):
        issues["where"] = "must be an object, as of /1/devices"
    if issues or target is None or start is None or end is None:
        raise ValidationFailed("", [issues])
    criteria: Criteria = conditions(edition, where) if where else All()
    return Wish(target=target, span=(start, end), prefer=Prefer(prefer), criteria=criteria, most=most)


def _target(value: Any) -> Decimal | None:
    found = None if isinstance(value, str | bool) else number(value)
    return power(found) if found is not None and LEAST_POWER <= power(found) <= MOST_POWER else None


def _span(arguments: Mapping[str, str]) -> Span | None:
    if "from" not in arguments and "to" not in arguments:
        return None
    return read_span(arguments, "from", "to")


def _tags() -> set[str] | None:
    return matched_tags(request.headers) if request.headers.get("If-Match") else None


def _document(vpp: Vpp) -> dict[str, Any]:
    return {name: value for name, value in to_state(vpp).items() if value is not None}


def _changed(outcome: Changed) -> dict[str, Any]:
    return {"changed": outcome.changed, "unchanged": outcome.unchanged, "refused": outcome.refused}


def _proposal(wish: Wish, proposal: Proposal) -> dict[str, Any]:
    chosen = proposal.chosen
    return {
        "reached": chosen.reached,
        "target_kw": float(chosen.target),
        "power": float(chosen.power),
        "reserve": float(chosen.reserve),
        "from": written(wish.span[0]),
        "to": written(wish.span[1]),
        "prefer": wish.prefer.value,
        "candidates": proposal.candidates,
        "considered": proposal.considered,
        "devices": [{"device_id": id_of(each), "free_power": float(free)} for each, free in chosen.devices.items()],
    }


def _shown(vpp: Vpp, more: Mapping[str, Any] | None = None) -> Response:
    response = represent({**_document(vpp), **(more or {})})
    if vpp.created is not None:
        response.set_etag(vpp.etag)
    return _fresh(response)


def _fresh(response: Response) -> Response:
    """Say that the answer holds for now: devices come and go by other doors."""
    response.headers["Cache-Control"] = "no-cache"
    return response
