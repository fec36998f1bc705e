"""The published model as pages for people: pure functions of a profile, without scripts, and with everything escaped.

A small generator of our own, because pyLODE, the usual one, lets the text of a literal through as HTML.
"""

from registry.model_pages.frame import Frame, Version
from registry.model_pages.ontology_page import ontology_page
from registry.model_pages.places import Place, places, version_places
from registry.model_pages.rendering import CONTENT_SECURITY_POLICY
from registry.model_pages.shapes_page import shapes_page
from registry.model_pages.versions_page import versions_page

__all__ = [
    "CONTENT_SECURITY_POLICY",
    "Frame",
    "Place",
    "Version",
    "ontology_page",
    "places",
    "shapes_page",
    "version_places",
    "versions_page",
]
