"""How long the devices of a class may be silent, as the ontology says by flex:staleAfter.

A class that states nothing has the limit of its nearest superclasses that state one, and of several the shortest.
sparql/queries/stale_devices.rq says the same in SPARQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from rdflib import RDFS, XSD, Graph, Literal
from rdflib.term import Node, URIRef

from registry.profile.profile import ProfileError
from registry.vocabulary import STALE_AFTER
from sparql.terms import Iri

LONGEST = timedelta(days=36_525)
_STALE_AFTER = URIRef(STALE_AFTER)


def limits_of_silence(ontology: Graph, classes: Iterable[Iri]) -> Mapping[Iri, timedelta]:
    """Return the limit of each of `classes` that has one.

    Raises:
        ProfileError: what is stated of a class is not one positive xsd:dayTimeDuration of at most a century.
    """
    stated = {name: _duration(ontology, name) for name in set(ontology.subjects(_STALE_AFTER))}
    nearest = {name: _nearest(ontology, URIRef(name), stated) for name in classes}
    return {name: min(stated[each] for each in found) for name, found in nearest.items() if found}


def _duration(ontology: Graph, name: Node) -> timedelta:
    found = list(ontology.objects(name, _STALE_AFTER))
    match found:
        case [Literal(datatype=XSD.dayTimeDuration, value=timedelta() as limit)] if timedelta(0) < limit <= LONGEST:
            return limit
    texts = ", ".join(sorted(str(each) for each in found))
    raise ProfileError(
        f"the flex:staleAfter of <{name}> is {texts}; it must be one positive xsd:dayTimeDuration of at most "
        f"{LONGEST.days} days, such as PT30M or P1D"
    )


def _nearest(ontology: Graph, name: URIRef, stated: Mapping[Node, timedelta]) -> set[Node]:
    """Return those of a class and its superclasses that state a limit, but not beyond others that do."""
    stating = _above(ontology, name) & set(stated)
    return {each for each in stating if not any(each in _above(ontology, other) for other in stating - {each})}


def _above(ontology: Graph, name: Node) -> set[Node]:
    """Return a class and its superclasses."""
    return {each for each in ontology.transitive_objects(name, RDFS.subClassOf) if each is not None}
