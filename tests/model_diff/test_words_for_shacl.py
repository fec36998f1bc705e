"""Nothing that a model can say falls through: each parameter of SHACL and each annotation has words of its own."""

from __future__ import annotations

from pathlib import Path

import pyshacl
import pytest
from edited_models import FILES, edited, model
from rdflib import OWL, RDF, SH, Graph, Literal, Namespace, URIRef

from registry.model_diff import Model, compare
from registry.model_diff.entries import ASPECTS, KNOWN
from registry.model_diff.inventory import TARGETS
from registry.model_diff.versions import VERSION_PREDICATES
from registry.profile import Profile
from registry.vocabulary import API

ASSETS = Path(pyshacl.__file__).parent / "assets"
LISTS = {RDF.first, RDF.rest}
EXTENSIONS = {SH.js, SH.expression}
"""Parameters of SHACL's extensions (SHACL Advanced Features, SHACL JavaScript Extensions)."""
EX = Namespace("https://example.com/model#")
FLAGS = {SH.uniqueLang, SH.closed, SH.deactivated, SH.qualifiedValueShapesDisjoint}


def parameters() -> set[URIRef]:
    """Return the parameters of all constraint components that the vocabulary of SHACL declares."""
    vocabulary = Graph().parse(ASSETS / "shacl.ttl", format="turtle")
    declared = (vocabulary.objects(parameter, SH.path) for parameter in vocabulary.objects(None, SH.parameter))
    return {URIRef(str(path)) for paths in declared for path in paths}


def test_every_parameter_of_shacl_has_words() -> None:
    found = parameters()
    assert len(found) > 30
    assert {SH.maxInclusive, SH["in"], SH.lessThan, SH.sparql} | EXTENSIONS <= found
    assert found - KNOWN == set()


def test_everything_that_the_shipped_model_says_has_words(profile: Profile) -> None:
    said = {URIRef(str(predicate)) for graph in (profile.ontology, profile.shapes) for predicate in graph.predicates()}
    assert {SH.path, SH.minCount, SH.pattern, SH.group} <= said
    assert said - KNOWN - LISTS - VERSION_PREDICATES == set()


def test_every_annotation_of_the_facade_has_words(profile: Profile) -> None:
    declared = {URIRef(str(name)) for name in profile.ontology.subjects(RDF.type, OWL.AnnotationProperty)}
    ours = {name for name in declared if name.startswith(API.term(""))}
    assert len(ours) >= 4
    assert ours - KNOWN == set()


@pytest.mark.parametrize("predicate", sorted(KNOWN - {RDF.type, OWL.deprecated, SH.property}))
@pytest.mark.parametrize("makes_sense", [True, False])
def test_a_new_statement_about_a_field_or_a_term_is_told(predicate: URIRef, makes_sense: bool) -> None:
    subjects = (URIRef("https://example.com/shapes#tags"), URIRef("https://example.com/model#Load"))
    old, shapes = model(FILES), Graph(bind_namespaces="none") + model(FILES).shapes
    for subject in subjects:
        shapes.remove((subject, predicate, None))
        shapes.add((subject, predicate, _value(predicate) if makes_sense else EX.nonsense))
    changes = compare(old, Model(old.ontology, shapes)).changes
    assert {str(subject) for subject in subjects} <= {change.subject for change in changes}
    assert all(change.what for change in changes)


def _value(predicate: URIRef) -> Literal | URIRef:
    if predicate in FLAGS:
        return Literal(True)
    if any(word in predicate for word in ("Count", "Length", "clusive")):
        return Literal(3)
    ours = any(str(predicate).startswith(space) for space in (str(SH), API.term("")))
    return Literal("x") if ours and predicate not in TARGETS else EX.Lamp


def test_a_predicate_without_words_is_told_by_its_iri() -> None:
    edit = {"": "exsh:tags ex:colour ex:red ; sh:reifierShape exsh:Party ."}
    changes = compare(model(FILES), model(edited(FILES, edit))).changes
    assert {(change.kind, change.what) for change in changes} == {
        ("statement-changed", "`tags`: `ex:colour` changes from none to ex:red"),
        ("unknown-constraint-changed", "`tags`: `sh:reifierShape` changes from none to exsh:Party"),
    }


def test_no_two_aspects_are_called_the_same() -> None:
    words = [aspect.words for aspect in ASPECTS if aspect.predicates[0].startswith(str(SH))]
    assert len(words) == len(set(words))
