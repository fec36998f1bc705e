"""The types of contracts, as the ontology has them: their codes, and the classes of devices that they suit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from rdflib import RDF, RDFS, SKOS
from rdflib.term import URIRef

from registry.profile import Profile
from registry.vocabulary import FLEX
from sparql.terms import Iri

_TYPE, _SUITS = URIRef(FLEX.term("ContractType")), URIRef(FLEX.term("suits"))


@dataclass(frozen=True, slots=True)
class ContractTypes:
    """All types of a model.

    Attributes:
        codes: skos:notation -> type.
        suits: type -> the classes, with all their subclasses, that it can be about.
    """

    codes: Mapping[str, Iri]
    suits: Mapping[Iri, frozenset[Iri]]

    def code(self, name: Iri) -> str:
        """Return the code of a type; its IRI if the model has it no more."""
        return next((code for code, each in self.codes.items() if each == name), str(name))


_kept: WeakKeyDictionary[Profile, ContractTypes] = WeakKeyDictionary()


def contract_types(profile: Profile) -> ContractTypes:
    """Return the types of contracts in a model."""
    found = _kept.get(profile)
    if found is None:
        found = _kept[profile] = _read(profile)
    return found


def _read(profile: Profile) -> ContractTypes:
    ontology = profile.ontology
    codes: dict[str, Iri] = {}
    suits: dict[Iri, frozenset[Iri]] = {}
    for name in sorted(ontology.subjects(RDF.type, _TYPE), key=str):
        notation = ontology.value(name, SKOS.notation)
        if not isinstance(name, URIRef) or notation is None:
            continue
        codes.setdefault(str(notation), Iri(name))
        below = {
            Iri(str(each))
            for suited in ontology.objects(name, _SUITS)
            for each in ontology.transitive_subjects(RDFS.subClassOf, suited)
        }
        suits[Iri(name)] = frozenset(below)
    return ContractTypes(codes, suits)
