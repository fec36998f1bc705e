"""A field: one SHACL property shape seen from JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from registry.principal import Role
from registry.profile.codecs import Codec
from sparql.terms import Iri


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What the facade knows of a property; all of it is read from Turtle.

    Attributes:
        name: the JSON name, dotted inside a nested object: "status.mode" (api:field).
        shape: the property shape.
        path: the predicates that lead from the device to the value (sh:path).
        codec: JSON value <-> term.
        required: whether a document must have it (sh:minCount).
        multiple: whether the value is a list (no sh:maxCount 1).
        default: the JSON value that an absent field takes at creation, else None (sh:defaultValue).
        visible_to: the roles whose graphs hold it (api:visibleTo).
        writable_by: the roles that may set it (api:writableBy).
        stamped_by: the links to nested objects; a change that carries one sets the field to its time (api:stampedBy).
        label: its name for people (sh:name).
        description: what it means (sh:description).
        message: what would be right (sh:message).
        unit: the unit's IRI, else None (qudt:hasUnit of the property).
        order: its place among the fields (sh:order).
        group: the IRI of its property group, else None (sh:group).
        names: the JSON names from the document down to the value.
    """

    name: str
    shape: Iri
    path: tuple[Iri, ...]
    codec: Codec
    required: bool
    multiple: bool
    default: Any | None
    visible_to: frozenset[Role]
    writable_by: frozenset[Role]
    stamped_by: frozenset[Iri]
    label: str
    description: str
    message: str
    unit: Iri | None
    order: float
    group: Iri | None
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(self.name.split(".")))

    @property
    def predicate(self) -> Iri:
        """The predicate of the value itself."""
        return self.path[-1]

    @property
    def is_record(self) -> bool:
        """Whether the registry itself keeps it, as the time of creation; Eve marks these by an underscore."""
        return self.name.startswith("_")
