"""Reads the `where` and `sort` parameters of clients into criteria: MongoDB's JSON form, and Eve's Python form.

A name that the caller sees no field by is taken as one that no device has, so that a hidden field can't be told from
one that doesn't exist.
"""

from __future__ import annotations

from collections.abc import Mapping

from registry.devices.criteria import Criteria
from registry.devices.where.conditions import Conditions
from registry.devices.where.json_form import JsonForm
from registry.devices.where.python_form import PythonForm
from registry.devices.where.sort import read_sort
from registry.errors import BadRequest
from registry.profile import Field
from registry.strict_json import read_json

__all__ = ["read_sort", "read_where"]

LONGEST = 16_384
"""Characters of a `where` parameter."""


def read_where(text: str, fields: Mapping[str, Field]) -> Criteria:
    """Read a `where` parameter.

    Args:
        text: the parameter: a JSON object, or an expression such as `max_capacity>1 and availability=="yes"`.
        fields: the fields that the caller sees, by name.

    Raises:
        BadRequest: it is neither, or holds something unknown; the message says where.
    """
    if len(text) > LONGEST:
        raise BadRequest(f"where has {len(text)} characters; {LONGEST} are the most")
    conditions = Conditions(fields)
    if text.lstrip()[:1] in ("{", "["):
        return JsonForm(conditions).read(read_json(text.encode(errors="surrogatepass"), "where"), "where", 0)
    return PythonForm(conditions, text).read()
