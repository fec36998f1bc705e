"""Draws the query parameters of listings: where, sort, projection, pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any

_OPERATORS = ("$ne", "$gt", "$lt", "$gte", "$in", "$exists")


class ListingGenerator:
    """Draws parameters that name `fields` and `values` of theirs, by `random`."""

    def __init__(self, fields: Sequence[str], values: Sequence[Any], random: Random) -> None:
        self._fields = fields
        self._values = values
        self._random = random

    def draw(self) -> dict[str, str]:
        """Return the next parameters; some of them the registry refuses."""
        drawn = {}
        if self._random.random() < 0.8:
            drawn["where"] = json.dumps(self._where(2))
        if self._random.random() < 0.5:
            drawn["sort"] = self._pick(["", "-"]) + self._pick(self._fields)
        if self._random.random() < 0.3:
            shown = self._random.sample(self._fields, 3)
            drawn["projection"] = json.dumps(dict.fromkeys(shown, self._pick([0, 1])))
        if self._random.random() < 0.4:
            drawn["max_results"] = str(self._random.randint(1, 5))
            drawn["page"] = str(self._random.randint(1, 4))
        return drawn

    def _where(self, depth: int) -> dict[str, Any]:
        if depth and self._random.random() < 0.3:
            return {self._pick(["$or", "$and"]): [self._where(depth - 1) for _ in range(2)]}
        return {self._pick(self._fields): self._criterion() for _ in range(self._random.randint(1, 2))}

    def _criterion(self) -> Any:
        value = self._pick(self._values)
        if self._random.random() < 0.5:
            return value
        operator = self._pick(_OPERATORS)
        operand = {"$in": [value, self._pick(self._values)], "$exists": self._pick([True, False])}
        return {operator: operand.get(operator, value)}

    def _pick(self, choices: Sequence[Any]) -> Any:
        return self._random.choice(choices)
