"""Compile a profile from a folder of Turtle: ontology/*.ttl, ontology/alignments/*.ttl and shapes/*.ttl."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rdflib import OWL, RDF, SH, SKOS, Graph
from rdflib.collection import Collection
from rdflib.term import Node, URIRef

from registry.principal import Role
from registry.profile.codecs import CODECS, DATATYPES, Codec, CodeCodec, IriCodec
from registry.profile.entailment import Axioms, Entailment
from registry.profile.field import Field
from registry.profile.profile import Profile, ProfileError
from registry.profile.staleness import limits_of_silence
from registry.profile.stamps import check_stamps
from registry.vocabulary import API, DEVICE, MODIFIED_FOR_AGGREGATOR, MODIFIED_FOR_PROSUMER
from sparql.graph_formats import to_term
from sparql.terms import TYPE, Iri

MODEL = Path(__file__).parent.parent.parent
"""Where the shipped ontology and shapes lie: beside the packages, in a checkout and in the wheel alike."""

_READERS = {Role.AGGREGATOR, Role.PROSUMER, Role.SERVICE}
_FIELD, _TEMPLATE = URIRef(API.term("field")), URIRef(API.term("iriTemplate"))
_CODEC = URIRef(API.term("codec"))
_VISIBLE_TO, _WRITABLE_BY = URIRef(API.term("visibleTo")), URIRef(API.term("writableBy"))
_STAMPED_BY = URIRef(API.term("stampedBy"))
_HAS_UNIT = URIRef("http://qudt.org/schema/qudt/hasUnit")


def load_profile(folder: Path = MODEL) -> Profile:
    """Read and compile the model in `folder`.

    Raises:
        ProfileError: a file isn't Turtle, or the shapes can't be seen as fields.
    """
    ontology = _parse([*folder.glob("ontology/*.ttl"), *folder.glob("ontology/alignments/*.ttl")])
    shapes = _parse(folder.glob("shapes/*.ttl"))
    if not len(ontology) or not len(shapes):
        raise ProfileError(f"{folder} holds no ontology/*.ttl or no shapes/*.ttl")
    return compile_profile(ontology, shapes)


def compile_profile(ontology: Graph, shapes: Graph) -> Profile:
    """Compile `ontology` and `shapes` into a profile.

    Raises:
        ProfileError: a property shape can't be seen as a field; the message names it.
    """
    node_shape = shapes.value(predicate=SH.targetClass, object=URIRef(DEVICE))
    if not isinstance(node_shape, URIRef):
        raise ProfileError(f"no node shape with an IRI has sh:targetClass <{DEVICE}>")
    found = (_sound_field(ontology, shapes, shape) for shape in shapes.objects(node_shape, SH.property))
    fields = sorted((item for item in found if item is not None), key=lambda item: (item.order, item.name))
    profile = Profile(
        version=str(next(ontology.objects(None, OWL.versionIRI), "")),
        fields={item.name: item for item in fields},
        shape=Iri(node_shape),
        stale_after=limits_of_silence(ontology, _classes(fields)),
        entailment=Entailment(Axioms(ontology), fields),
        ontology=ontology,
        shapes=shapes,
        prefixes={prefix: str(name) for prefix, name in [*ontology.namespaces(), *shapes.namespaces()] if prefix},
    )
    _check(profile, fields)
    return profile


def _parse(files: Iterable[Path]) -> Graph:
    graph = Graph(bind_namespaces="none")
    for file in sorted(files):
        try:
            graph.parse(file, format="turtle")
        except Exception as error:
            raise ProfileError(f"{file} is not Turtle: {error}") from error
    return graph


def _sound_field(ontology: Graph, shapes: Graph, shape: Node) -> Field | None:
    try:
        return _field(ontology, shapes, shape)
    except ValueError as error:  # a number that is none, a list that leads into itself
        raise ProfileError(f"the property shape <{shape}> can't be read: {error}") from error


def _field(ontology: Graph, shapes: Graph, shape: Node) -> Field | None:
    name = shapes.value(shape, _FIELD)
    if name is None:
        return None
    if not isinstance(shape, URIRef):
        raise ProfileError(f"the property shape of field {name} needs an IRI, so that a report can name it")
    path = _path(shapes, shape)
    codec = _codec(ontology, shapes, shape)
    default = shapes.value(shape, SH.defaultValue)
    return Field(
        name=str(name),
        shape=Iri(shape),
        path=path,
        codec=codec,
        required=_integer(shapes, shape, SH.minCount) > 0,
        multiple=shapes.value(shape, SH.maxCount) is None,
        default=None if default is None else codec.decode(to_term(default)),
        visible_to=_roles(shapes, shape, _VISIBLE_TO) | {Role.SERVICE},
        writable_by=_roles(shapes, shape, _WRITABLE_BY),
        stamped_by=frozenset(Iri(str(link)) for link in shapes.objects(shape, _STAMPED_BY)),
        label=_text(shapes, shape, SH.name),
        description=_text(shapes, shape, SH.description),
        message=_text(shapes, shape, SH.message),
        unit=_iri(ontology.value(URIRef(path[-1]), _HAS_UNIT)),
        order=float(str(shapes.value(shape, SH.order) or 0)),
        group=_iri(shapes.value(shape, SH.group)),
    )


def _path(shapes: Graph, shape: URIRef) -> tuple[Iri, ...]:
    head = shapes.value(shape, SH.path)
    steps = [head] if isinstance(head, URIRef) else list(Collection(shapes, head)) if head is not None else []
    if not steps or len(steps) > 2 or not all(isinstance(step, URIRef) for step in steps):
        raise ProfileError(f"the sh:path of <{shape}> must be a property or a list of two")
    return tuple(Iri(str(step)) for step in steps)


def _codec(ontology: Graph, shapes: Graph, shape: URIRef) -> Codec:
    members = shapes.value(shape, SH["in"])
    if members is not None:
        return _codes(ontology, shape, list(Collection(shapes, members)))
    template = shapes.value(shape, _TEMPLATE)
    if template is not None:
        if str(template).count("{value}") != 1:
            raise ProfileError(f"the api:iriTemplate of <{shape}> must hold {{value}} once")
        return IriCodec(str(template))
    datatype = shapes.value(shape, SH.datatype)
    name = shapes.value(shape, _CODEC)
    if name is not None:
        return _named_codec(shape, str(name), Iri(str(datatype)))
    codec = DATATYPES.get(Iri(str(datatype)))
    if codec is None:
        known = ", ".join(DATATYPES)
        raise ProfileError(
            f"<{shape}> needs sh:in, api:iriTemplate or an sh:datatype out of {known}; it has {datatype}"
        )
    return codec


def _named_codec(shape: URIRef, name: str, datatype: Iri) -> Codec:
    if name not in CODECS:
        raise ProfileError(f'<{shape}> has the api:codec "{name}"; there are {", ".join(CODECS)}')
    codec, needed = CODECS[name]
    if datatype != needed:
        raise ProfileError(f"<{shape}> has an api:codec whose sh:datatype is <{needed}>, and states another or none")
    return codec


def _codes(ontology: Graph, shape: URIRef, members: Iterable[Node]) -> CodeCodec:
    codes: dict[str, Iri] = {}
    aliases: dict[str, Iri] = {}
    classes: set[Iri] = set()
    for member in members:
        notation = ontology.value(member, SKOS.notation)
        if notation is None or not isinstance(member, URIRef):
            raise ProfileError(f"{member}, listed in the sh:in of <{shape}>, has no skos:notation in the ontology")
        if str(notation) in codes:
            raise ProfileError(f'"{notation}" is the skos:notation of two members of the sh:in of <{shape}>')
        codes[str(notation)] = Iri(member)
        aliases |= {str(other): Iri(member) for other in ontology.objects(member, SKOS.hiddenLabel)}
        if (member, RDF.type, OWL.Class) in ontology:
            classes.add(Iri(member))
    return CodeCodec(codes, aliases, frozenset(classes))


def _classes(fields: Iterable[Field]) -> frozenset[Iri]:
    return frozenset().union(*(item.codec.classes for item in fields if isinstance(item.codec, CodeCodec)))


def _check(profile: Profile, fields: list[Field]) -> None:
    if len(profile.fields) != len(fields):
        names = [item.name for item in fields]
        raise ProfileError(f"api:field clashes: {', '.join(sorted({name for name in names if names.count(name) > 1}))}")
    owners: dict[Iri, str] = {}
    for item in fields:
        gives_class = isinstance(item.codec, CodeCodec) and bool(item.codec.classes)
        own = (item.predicate, *item.codec.entailed_predicates, *item.codec.node_predicates)
        for predicate in (*own, *([TYPE] if gives_class else [])):
            if owners.setdefault(predicate, item.name) != item.name:
                raise ProfileError(f"{item.name} and {owners[predicate]} both use <{predicate}>")
        if item.codec.node_predicates and (len(item.path) > 1 or item.multiple):
            raise ProfileError(
                f"{item.name} has nodes of its own, so it must stand at the device and have sh:maxCount 1"
            )
        if not item.writable_by <= item.visible_to:
            raise ProfileError(f"{item.name} is writable by a role that may not see it")
        if gives_class and not item.visible_to >= _READERS:
            raise ProfileError(f"{item.name} gives devices their classes, so every role must see it")
    for name in ("device_id", "account_id", "aggregator_id", "_created", "_updated"):
        if name not in profile.fields:
            raise ProfileError(f"no property shape has the api:field {name}, which the access rule needs")
    check_stamps(profile)
    _check_entailment(profile)


def _check_entailment(profile: Profile) -> None:
    """Refuse axioms by which an entailed triple could be taken for one that a field states."""
    stated = profile.visible_predicates(Role.SERVICE)
    taken = {*stated, TYPE, MODIFIED_FOR_AGGREGATOR, MODIFIED_FOR_PROSUMER}
    for predicate, row in profile.entailment.consequences.items():
        for name in sorted(taken & {*row.predicates, *row.inverses}):
            raise ProfileError(
                f"<{predicate}> entails <{name}>, which the registry itself reads as what a field states; "
                f"relate them by a third property above both, or by skos:closeMatch"
            )


def _roles(shapes: Graph, shape: URIRef, predicate: URIRef) -> frozenset[Role]:
    try:
        return frozenset(Role(str(name)) for name in shapes.objects(shape, predicate))
    except ValueError as error:
        raise ProfileError(f"<{shape}>: {error}; roles are {', '.join(Role)}") from error


def _integer(shapes: Graph, shape: URIRef, predicate: URIRef) -> int:
    value = shapes.value(shape, predicate)
    return int(str(value)) if value is not None else 0


def _text(graph: Graph, subject: URIRef, predicate: URIRef) -> str:
    texts = {getattr(node, "language", None): str(node) for node in graph.objects(subject, predicate)}
    return texts.get("en") or next(iter(texts.values()), "")


def _iri(node: Node | None) -> Iri | None:
    return Iri(node) if isinstance(node, URIRef) else None
