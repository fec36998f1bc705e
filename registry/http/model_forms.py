"""The forms in which a model can be had: four of RDF, its files as a zip archive, and a page; and which is asked for.

Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request

from registry.errors import NotAcceptable
from registry.http.model import ZIP
from registry.http.representation import JSON
from sparql.graph_formats import GRAPH_FORMATS, GraphFormat
from sparql.media_types import SERIALISATIONS
from sparql.negotiation import best, parse_accept

FORMAT = "format"
"""The parameter that chooses in place of Accept, for links."""
HTML = "text/html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form of a model.

    Attributes:
        media_type: under which it is sent.
        name: in the entity tag.
        names: in the parameter `format`.
        graph_format: how to write it, if it is one of RDF.
    """

    media_type: str
    name: str
    names: tuple[str, ...]
    graph_format: GraphFormat | None = None

    @property
    def content_type(self) -> str:
        """The Content-Type: what is text is UTF-8 and says so."""
        plain = self.media_type in (ZIP, JSON)
        return self.media_type if plain else f"{self.media_type}; charset=utf-8"


PAGE = Form(media_type=HTML, name="html", names=("html",))
ARCHIVE = Form(media_type=ZIP, name="zip", names=("zip",))
LIST = Form(media_type=JSON, name="json", names=("json",))
_NAMES = {each.media_type: each.names for each in SERIALISATIONS}
_OF_RDF = tuple(
    Form(media_type=each.media_type, name=each.name, names=_NAMES[each.media_type], graph_format=each)
    for each in GRAPH_FORMATS
)
FORMS: Mapping[str, Sequence[Form]] = {"ontology": (*_OF_RDF, PAGE, ARCHIVE), "shapes": (*_OF_RDF, PAGE)}
"""Part of a model -> its forms, the preferred first; the archive, of the whole model, stands beside the ontology."""
VERSION_FORMS = (LIST, PAGE)
"""Those of the list of versions."""


def asked_for(forms: Sequence[Form]) -> Form:
    """Return which of `forms` the current request asks for.

    Raises:
        NotAcceptable: it accepts none.
    """
    # a plus sign that isn't escaped in a query string arrives as a space
    name = request.args.get(FORMAT, "").strip().lower().replace(" ", "+")
    if name and "/" not in name:
        found = next((form for form in forms if name in form.names), None)
    else:
        media_type = best(parse_accept(name or request.headers.get("Accept")), [form.media_type for form in forms])
        found = next((form for form in forms if form.media_type == media_type), None)
    if found is None:
        offers = ", ".join(form.media_type for form in forms)
        names = ", ".join(form.names[0] for form in forms)
        raise NotAcceptable(f"This comes as {offers}; ask by Accept, or by the parameter {FORMAT}: {names}")
    return found
