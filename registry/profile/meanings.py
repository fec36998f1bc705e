"""Which field the software takes for what, whatever it is called: a property shape says it by api:means."""

from __future__ import annotations

from rdflib.term import URIRef

from registry.principal import Role
from registry.profile.field import Field
from registry.profile.profile import Profile
from registry.vocabulary import API
from sparql.terms import Iri

_MEANS = URIRef(API.term("means"))


def field_meaning(profile: Profile, meaning: Iri, role: Role = Role.SERVICE) -> Field | None:
    """Return the field with a meaning, if the model has one that `role` may see; the first by its order."""
    shapes = {Iri(str(shape)) for shape in profile.shapes.subjects(_MEANS, URIRef(meaning))}
    return next((field for field in profile.visible(role) if field.shape in shapes), None)
