"""The JSON-LD 1.1 context of a device's plain JSON, and what it can't say: pure functions of a profile."""

from registry.json_ld.context import device_context
from registry.json_ld.expression import Degree, Expression, express
from registry.json_ld.limits import limits_table

__all__ = ["Degree", "Expression", "device_context", "express", "limits_table"]
