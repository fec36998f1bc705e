"""The schemas of virtual power plants and of proposals for them."""

from __future__ import annotations

from registry.openapi.fields import Schema
from registry.vpps.proposal import Prefer
from registry.vpps.vpp import LONGEST_TEXT

_TEXT: Schema = {"type": "string"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_UUID: Schema = {"type": "string", "format": "uuid"}
_KW: Schema = {"type": "number", "description": "In kW."}
_COUNT: Schema = {"type": "integer", "minimum": 0}


def vpp_schemas() -> dict[str, Schema]:
    """Return the component schemas of plants by their names."""
    text: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
    discovery: Schema = {
        "oneOf": [
            _object({"where": {"type": "object", "description": "As of /1/devices."}}),
            _object({"sparql": {**_TEXT, "description": "A SELECT query with the variable ?device."}}),
        ]
    }
    stated: dict[str, Schema] = {"name": text, "description": text, "query": discovery}
    record: dict[str, Schema] = {"plant_id": _TEXT, "aggregator_id": _TEXT, "_created": _TIME, "_updated": _TIME}
    optional = ("name", "description", "query", "_created", "_updated", "totals", "devices")
    group = {"type": "object", "additionalProperties": _object({"devices": _COUNT, "power": _KW})}
    totals = {"devices": _COUNT, "power": _KW, "unknown_power": _COUNT, "by_direction": group, "by_class": group}
    meta = _object(dict.fromkeys(("page", "max_results", "total"), _COUNT))
    return {
        "NewVpp": _object(stated, *stated),
        "Vpp": _object(
            {**record, **stated, "devices": _COUNT, "totals": _object({**totals, "free_power": _KW}, "free_power")},
            *optional,
        ),
        "VppPage": _object({"_items": _list({"$ref": "#/components/schemas/Vpp"}), "_meta": meta}),
        "MemberPage": _object({"_items": _list(_UUID), "_meta": meta}),
        "MembersChanged": _object(
            {
                "changed": _COUNT,
                "unchanged": _COUNT,
                "refused": {"type": "object", "additionalProperties": {**_TEXT, "description": "Why."}},
            }
        ),
        "Proposal": _object(
            {
                "reached": {"type": "boolean"},
                **dict.fromkeys(("target_kw", "power", "reserve"), _KW),
                **dict.fromkeys(("from", "to"), _TIME),
                "prefer": {"enum": [each.value for each in Prefer]},
                "candidates": {**_COUNT, "description": "Devices that come into question."},
                "considered": {**_COUNT, "description": "Those looked at: with the greatest power first."},
                "devices": _list(_object({"device_id": _UUID, "free_power": _KW})),
            }
        ),
    }


def _object(properties: dict[str, Schema], *optional: str) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}
