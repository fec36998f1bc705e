"""The published models: which there are, which one a request means, and each in every form.

What was written once is kept, as a model never changes. Requests are not read here, and answers not made.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from registry.errors import NotAcceptable, NotFound
from registry.http.document_cache import Document, DocumentCache
from registry.http.model_forms import PAGE, Form
from registry.in_force import Edition, InForce
from registry.model_pages import Frame, Place, Version, ontology_page, places, shapes_page, version_places
from registry.profile import Profile
from registry.publishing.model_files import ModelFiles
from registry.publishing.publisher import Publisher
from registry.publishing.versions import is_semantic
from sparql.graph_formats import NotWritable, to_triples, write_graph

MOST_BYTES = 64 * 2**20
"""Of documents that are kept."""
_MOST_NAMED = 20
"""Versions that an error names."""
_PAGES = {"ontology": ontology_page, "shapes": shapes_page}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which document is wanted.

    Attributes:
        model: of which model.
        place: which part, and for a page the ontology that it is about.
        fixed: whether that model was named; else it is wanted as the one in force.
    """

    model: Version
    place: Place
    fixed: bool


class PublishedDocuments:
    """The models that `publisher` has published, and the one `in_force`."""

    def __init__(self, publisher: Publisher, in_force: InForce) -> None:
        self._publisher = publisher
        self._in_force = in_force
        self._kept = DocumentCache(MOST_BYTES)
        self._places: WeakKeyDictionary[Profile, Mapping[str, Place]] = WeakKeyDictionary()
        self._version_places: dict[str, Mapping[str, Place]] = {}
        self._looking = threading.Lock()

    def versions(self) -> list[Version]:
        """Return all published models, the one that came into force last first."""
        return _versions(self._publisher, self._in_force.edition)

    def current(self, place: Place) -> Wanted:
        """Return what is wanted by a request for what is in force."""
        return Wanted(next(each for each in self.versions() if each.in_force), place, fixed=False)

    def at(self, name: str, place: Place) -> Wanted:
        """Return what is wanted by a request for a version, or for a digest.

        Raises:
            NotFound: it was never published.
        """
        versions = self.versions()
        for each in versions:
            if name in (each.name, each.model):
                return Wanted(each, place, fixed=True)
        names = ", ".join(each.name for each in versions[:_MOST_NAMED])
        more = f", and {len(versions) - _MOST_NAMED} more" if len(versions) > _MOST_NAMED else ""
        raise NotFound(f"There is no version {name[:40]!r} of the model; published are {names}{more}")

    def by_path(self, path: str) -> Wanted | None:
        """Return what is wanted by a request for the path of an IRI; None if nothing in a model has such an IRI.

        The IRI of a version is looked for in all models, those of ontologies and terms in the one in force.
        """
        path = path.rstrip("/")
        place = self._current_places().get(path)
        if place is not None:
            return self.current(place)
        if not is_semantic(path.rpartition("/")[2]):
            return None
        found = ((each, self._places_of(each.model).get(path)) for each in self.versions())
        return next((Wanted(each, place, fixed=True) for each, place in found if place), None)

    def document(self, wanted: Wanted, form: Form) -> Document:
        """Return a model in a form.

        Raises:
            NotAcceptable: the form has no way to write it.
        """
        if form is PAGE:
            return self._kept.get(wanted, lambda: self._page(wanted))
        key = wanted.model.model, wanted.place.part, form.name
        return self._kept.get(key, lambda: self._file(wanted, form))

    def _page(self, wanted: Wanted) -> Document:
        frame = Frame(shown=wanted.model, fixed=wanted.fixed)
        page = _PAGES[wanted.place.part](self._profile(wanted.model.model), frame, wanted.place.about)
        body = page.encode(errors="replace")  # an IRI may hold half a pair of surrogates
        return Document(body, f"{wanted.model.model}-{PAGE.name}-{_digest(body)[:8]}")

    def _file(self, wanted: Wanted, form: Form) -> Document:
        """Return a part of the model in RDF, or the archive of its files.

        What a candidate brought along, migrations and examples, may speak of devices: the archive holds none of it.
        """
        name = wanted.model.model
        if form.graph_format is None:
            body = ModelFiles(self._publisher.library.files(name).model).zipped()
            return Document(body, f"{name}-{form.name}")
        profile = self._profile(name)
        graph = profile.ontology if wanted.place.part == "ontology" else profile.shapes
        try:
            body = write_graph(to_triples(graph), form.graph_format, profile.prefixes)
        except NotWritable as error:
            raise NotAcceptable(f"{error}; ask for another form") from None
        return Document(body, f"{name}-{form.name}")

    def _profile(self, name: str) -> Profile:
        edition = self._in_force.edition
        return edition.profile if edition.name == name else self._publisher.library.profile(name)

    def _current_places(self) -> Mapping[str, Place]:
        profile = self._in_force.edition.profile
        found = self._places.get(profile)
        if found is None:
            found = self._places[profile] = places(profile)
        return found

    def _places_of(self, name: str) -> Mapping[str, Place]:
        """Return where the version IRIs of a model lead; each model is read once for this."""
        with self._looking:
            if name not in self._version_places:
                self._version_places[name] = version_places(self._profile(name))
            return self._version_places[name]


def list_document(versions: Sequence[Version]) -> dict[str, object]:
    """Return the list of versions as JSON has it."""
    return {
        "versions": [
            {
                "version": each.version,
                "model": each.model,
                "since": each.date,
                "in_force": each.in_force,
                "links": {part: each.path(part) for part in _PAGES},
            }
            for each in versions
        ]
    }


def _versions(publisher: Publisher, edition: Edition) -> list[Version]:
    """Return what is known of all models. `edition` was read before, so it is among them."""
    found: list[Version] = []
    named: set[str] = set()
    for each in publisher.published():
        in_force = each.name == edition.name
        is_name = bool(each.version) and each.version not in named
        named.add(each.version)
        shown = Version(
            version=each.version,
            model=each.name,
            since=max(each.time, edition.since) if in_force else each.time,
            in_force=in_force,
            name=each.version if is_name else each.name,
        )
        found.append(shown)
    return sorted(found, key=lambda each: each.since, reverse=True)


def _digest(body: bytes) -> str:
    return hashlib.sha1(body, usedforsecurity=False).hexdigest()
