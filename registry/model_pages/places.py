"""Where the terms of a model have their place on its pages, and to which pages the paths of its IRIs lead.

The IRI of an ontology, of its version, or of a term has a path, such as `/flexcoop/cim` of
`https://w3id.org/flexcoop/cim#HeatPump`. The server answers it with the page of that ontology, and the fragment is an
anchor there. All of this is derived from the IRIs that the model itself states.

Anchors can't collide: a fragment of the page's own ontology stands as it is and begins with no slash, headings of the
page begin with one (`/classes`), everything else with two (`//saref/Device`, or the whole IRI).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from rdflib import OWL, RDF, Graph
from rdflib.term import URIRef

from registry.access import ONTOLOGY, SHAPES
from registry.profile import Profile

PARTS: Mapping[str, str] = {"ontology": ONTOLOGY, "shapes": SHAPES}
"""The parts of a model -> the ontology that stands for each."""
_LINKED = ("http", "https")
_PLAIN = "/?:@!$&'()*+,;=-._~"
"""What a fragment may hold as it is (RFC 3986, section 3.5)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the path of an IRI leads.

    Attributes:
        part: "ontology" or "shapes".
        about: the ontology whose terms have the plain anchors on the page.
        anchor: of the term, when the path is that of a term; else empty.
    """

    part: str
    about: str
    anchor: str = ""


def fragment(anchor: str) -> str:
    """Return an anchor as it stands in a link."""
    return f"#{quote(anchor, safe=_PLAIN, errors='replace')}"


def graph_of(profile: Profile, part: str) -> Graph:
    """Return the graph of the part "ontology" or "shapes"."""
    return profile.ontology if part == "ontology" else profile.shapes


def ontologies(profile: Profile, part: str) -> list[str]:
    """Return the IRIs of the ontologies in a part, the one that stands for it first."""
    found = {str(each) for each in graph_of(profile, part).subjects(RDF.type, OWL.Ontology) if isinstance(each, URIRef)}
    return sorted(found | {PARTS[part]}, key=lambda iri: (iri != PARTS[part], iri))


def terms(profile: Profile, part: str) -> set[URIRef]:
    """Return what a part describes: all subjects with an IRI but the ontologies."""
    graph = graph_of(profile, part)
    found = {each for each in graph.subjects() if isinstance(each, URIRef)}
    return found - {URIRef(each) for each in ontologies(profile, part)}


def anchors(profile: Profile, part: str, about: str) -> Mapping[str, str]:
    """Return term -> anchor on the page about an ontology; the other ontologies of the part have anchors, too."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    named = {str(term) for term in terms(profile, part)}.union(ontologies(profile, part)) - {about}
    for iri in sorted(named):
        plain = _fragment_in(iri, about)
        found[iri] = plain if plain and plain not in taken else _distant(profile, iri)
        taken.add(plain)
    return found


def places(profile: Profile) -> Mapping[str, Place]:
    """Return path -> place, for the paths of the model's ontologies and of its terms that have one of their own."""
    found: dict[str, Place] = {}
    for part in PARTS:
        for iri, place in _places(profile, part):
            for path in _paths([iri]):
                found.setdefault(path, place)
    return found


def version_places(profile: Profile) -> Mapping[str, Place]:
    """Return path -> place, for the version IRIs of the model's ontologies."""
    found: dict[str, Place] = {}
    for part in PARTS:
        for iri, place in _places(profile, part):
            for path in _paths(map(str, graph_of(profile, part).objects(URIRef(iri), OWL.versionIRI))):
                found.setdefault(path, place)
    return found


class Links:
    """Where the IRIs on a page lead.

    Args:
        profile: the model.
        part: of the page.
        about: the ontology that the page is about.
        paths: part -> path of the page of that part in the same version.
    """

    def __init__(self, profile: Profile, part: str, about: str, paths: Mapping[str, str]) -> None:
        self.anchors = anchors(profile, part, about)
        self._elsewhere = {PARTS[each]: path for each, path in paths.items()} | {
            iri: f"{paths[each]}{fragment(anchor)}"
            for each in reversed(list(PARTS))  # what is in both parts has its place in the first
            if each != part or about != PARTS[part]
            for iri, anchor in anchors(profile, each, PARTS[each]).items()
        }
        self._shown = {iri for iri in self.anchors if about == PARTS[part] or _fragment_in(iri, about)}
        self._own = [iri.rstrip("/#") for each in PARTS for iri in ontologies(profile, each)]

    def to(self, iri: str) -> str | None:
        """Return the address for a link; None for what a browser should not be led to."""
        if iri in self._shown:
            return fragment(self.anchors[iri])
        return self._elsewhere.get(iri) or (iri if _can_be_linked(iri) else None)

    def shows(self, iri: str) -> bool:
        """Tell whether a term has its place on this page."""
        return iri in self._shown

    def owns(self, iri: str) -> bool:
        """Tell whether an IRI is one of the model's own ontologies', and not another vocabulary's."""
        return any(iri == each or iri.startswith((f"{each}#", f"{each}/")) for each in self._own)


def _places(profile: Profile, part: str) -> Iterator[tuple[str, Place]]:
    """Yield each ontology of a part, then each of their terms that has a path of its own, with its place."""
    main, described = PARTS[part], {str(term) for term in terms(profile, part)}
    own = anchors(profile, part, main)
    for iri in ontologies(profile, part):
        has_page = iri == main or any(_fragment_in(term, iri) for term in described)
        yield iri, Place(part, iri) if has_page else Place(part, main, own[iri])
    bases = tuple(f"{iri.rstrip('/#')}/" for iri in ontologies(profile, part))
    for term in sorted(described):
        if "#" not in term and term.startswith(bases):
            yield term, Place(part, main, own[term])


def _paths(iris: Iterable[str]) -> Iterator[str]:
    for iri in iris:
        found = _split(iri)
        if found and (path := unquote(found[1]).rstrip("/")):
            yield path


def _can_be_linked(iri: str) -> bool:
    return _split(iri) is not None


def _split(iri: str) -> tuple[str, str] | None:
    """Return authority and path of an IRI of the web; None for any other."""
    try:
        found = urlsplit(iri)
    except ValueError:  # as of a bracket that is none of an IPv6 address
        return None
    return (found.netloc, found.path) if found.scheme in _LINKED and found.netloc else None


def _fragment_in(iri: str, ontology: str) -> str:
    """Return the fragment of a term of an ontology; empty if it is none, or begins as only other anchors do."""
    document, _, name = iri.partition("#")
    return name if document.rstrip("/") == ontology.rstrip("/#") and not name.startswith("/") else ""


def _distant(profile: Profile, iri: str) -> str:
    for prefix, namespace in sorted(profile.prefixes.items(), key=lambda item: -len(item[1])):
        if iri.startswith(namespace) and len(iri) > len(namespace):
            return f"//{prefix}/{iri[len(namespace) :]}"
    return f"//{iri}"
