"""Fills the templates. Everything that comes from a model is escaped, whatever it holds.

The pages have no scripts, and their policy lets a browser load nothing at all: their style is part of them.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from registry.model_pages.frame import VERSIONS
from registry.model_pages.places import fragment
from sparql.graph_formats import GRAPH_FORMATS
from sparql.media_types import SERIALISATIONS

_FOLDER = "templates"
_STYLE = (files(__package__) / _FOLDER / "style.css").read_text(encoding="utf-8")
_DIGEST = b64encode(sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_FORMATS = {each.media_type for each in GRAPH_FORMATS}


def render(template: str, **content: Any) -> str:
    """Return a page."""
    return _environment().get_template(template).render(**content)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(str(__package__), _FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["fragment"] = fragment
    environment.globals["versions_path"] = VERSIONS
    environment.globals["rdf_forms"] = [
        {
            "media_type": each.media_type,
            "name": each.names[0],
            "title": each.iri.rpartition("/")[2].replace("_", "/"),
        }
        for each in SERIALISATIONS
        if each.media_type in _FORMATS
    ]
    environment.globals["style"] = Markup(_STYLE)  # noqa: S704  our own file
    return environment
