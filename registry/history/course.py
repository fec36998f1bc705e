"""The course of a nested object's values between two times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sparql.terms import Iri


class Series(Protocol):
    """Takes in one field's values in the order of their times."""

    def put(self, instant: int, value: Any) -> None:
        """Say which value is in force from an instant on, in microseconds; None is none."""

    def document(self) -> dict[str, Any]:
        """Return what was taken in as JSON."""


@dataclass(frozen=True, slots=True)
class FieldCourse:
    """The course of one field: the unit of its values, if it has one, and the values."""

    unit: Iri | None
    series: Series


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The course of an object.

    Attributes:
        device: the device's id.
        name: the object's.
        start: the time of the first values, in DATE_FORMAT.
        end: the time up to which they go.
        fields: member -> its course.
    """

    device: str
    name: str
    start: str
    end: str
    fields: Mapping[str, FieldCourse]
