"""Whatever a model holds, its pages hold it as text: no element, no link, no script comes of it."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from parsed_page import ParsedPage
from small_models import model, ontology, shapes

ELEMENTS = frozenset(
    {
        *("html", "head", "meta", "title", "link", "style", "body", "header", "nav", "main", "footer", "section"),
        *("article", "details", "summary", "div", "h1", "h2", "h3", "h4", "p", "span", "code", "a", "time"),
        *("ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td"),
    }
)
ATTRIBUTES = frozenset(
    {
        *("lang", "charset", "name", "content", "rel", "type", "href", "class", "id", "title", "scope", "datetime"),
        *("aria-label", "aria-current", "aria-labelledby", "data-name"),
    }
)
TEXTS = {
    "an image": "<img src=x onerror=alert(1)>",
    "a script": "<script>alert(1)</script>",
    "the end of the style": "</style><script>alert(1)</script>",
    "the end of an attribute": "\" onmouseover=alert(1) x='",
    "an entity": "&lt;b&gt;&#60;b&#62;",
    "a comment": "<!-- -->",
    "a template": "{{ 7 * 7 }}{% for %}",
    "a link in Markdown": "[x](javascript:alert(1))",
    "two lines": "one\ntwo",
    "another direction": "\u202ereversed",
}
PLACES = {
    "label": "flex:X a owl:Class ; rdfs:label {} .",
    "label of the ontology": "<https://w3id.org/flexcoop/cim> rdfs:label {} .",
    "comment of the ontology": "<https://w3id.org/flexcoop/cim> rdfs:comment {} .",
    "definition": "flex:X a owl:Class ; skos:definition {} .",
    "code": "flex:X a skos:Concept ; skos:notation {} .",
    "value": "flex:X a owl:Class ; <https://x.example/note> {} .",
    "value of a blank node": "flex:X a owl:Class ; rdfs:subClassOf [ rdfs:comment {} ] .",
    "value in a list": "flex:X a owl:Class ; owl:oneOf ( {} ) .",
    "value of an unknown datatype": "flex:X a owl:Class ; rdfs:comment {}^^<https://x.example/type> .",
    "message": "ex:other sh:message {} .",
    "description of a field": "ex:tags sh:description {} .",
    "message of a field": "ex:tags sh:message {} .",
    "pattern": "ex:other sh:pattern {} .",
    "hidden code": "flex:Boiler skos:hiddenLabel {} .",
    "label of a group": "ex:tags sh:group ex:g . ex:g rdfs:label {} .",
}
IRIS = {
    "a script": "javascript:alert(1)",
    "a script with a host": "javascript://x.example/%0Aalert(1)",
    "data": "data:text/html,alert(1)",
    "no host": "http:alert(1)",
    "a broken host": "https://[x",
    "quotes": "https://x.example/'onmouseover=alert(1)",
    "half a pair of surrogates": "https://x.example/\\uD800",
    "a file": "file:///etc/passwd",
    "an empty path": "https://x.example",
    "a name": "urn:uuid:00000000-0000-4000-8000-000000000001",
}
USES = {
    "a term": "<{}> a owl:Class ; rdfs:label 'x' .",
    "a superclass": "flex:X rdfs:subClassOf <{}> .",
    "a match": "flex:X a owl:Class ; skos:exactMatch <{}> .",
    "a predicate": "flex:X <{}> 1 .",
    "an ontology": "<{}> a owl:Ontology ; rdfs:label 'x' .",
    "a unit": "@prefix qudt: <http://qudt.org/schema/qudt/> . flex:mode qudt:hasUnit <{}> .",
    "a severity": "ex:other sh:severity <{}> .",
}


def harmless(page: ParsedPage) -> bool:
    """Tell whether a page has the elements and attributes of our templates, and links to the web and itself alone."""
    assert {name for name, _ in page.elements} <= ELEMENTS
    assert {name for _, attributes in page.elements for name in attributes} <= ATTRIBUTES
    for link in page.links:
        assert link in ("data:,",) or link.startswith(("#", "/")) or urlsplit(link).scheme in ("http", "https"), link
        assert not link.startswith("//")
    return True


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_shown_as_it_is(text: str, place: str) -> None:
    words = TEXTS[text]
    profile = model(f"\n{PLACES[place].format(json.dumps(words))}")
    pages = ontology(profile), shapes(profile)
    assert all(harmless(page) for page in pages)
    assert any(words in text for page in pages for text in (*page.words.values(), *everything(page)))


def everything(page: ParsedPage) -> list[str]:
    return [page.whole, *(value for _, attributes in page.elements for value in attributes.values())]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("iri", IRIS)
def test_an_iri_leads_nowhere_else(iri: str, use: str) -> None:
    profile = model(f"\n{USES[use].format(IRIS[iri])}")
    assert harmless(ontology(profile))
    assert harmless(shapes(profile))


@pytest.mark.parametrize(
    "turtle",
    [
        "_:a owl:oneOf _:a . flex:X a owl:Class ; rdfs:subClassOf _:a .",
        "_:a rdf:first 1 ; rdf:rest _:a . flex:X a owl:Class ; owl:oneOf _:a .",
        "_:a rdfs:seeAlso _:b . _:b rdfs:seeAlso _:a . flex:X a owl:Class ; rdfs:seeAlso _:b .",
        "flex:X a owl:Class ; rdfs:subClassOf flex:X .",
        "flex:X a owl:Class ; rdfs:subClassOf flex:Y . flex:Y a owl:Class ; rdfs:subClassOf flex:X .",
        f"flex:X a owl:Class ; rdfs:seeAlso {'[ rdfs:seeAlso ' * 40}1{' ]' * 40} .",
    ],
)
def test_what_goes_in_circles_or_deep_ends(turtle: str) -> None:
    turtle = f"\n@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n{turtle}"
    page = ontology(model(turtle))
    assert harmless(page)
    assert "X" in page.words


@pytest.mark.parametrize("character", ["\\u0000", "\\u0007", "\\uD800", "\\u007F", "\\u0085"])
def test_what_html_has_no_form_for_is_replaced(character: str) -> None:
    page = ontology(model(f'\nflex:X a owl:Class ; rdfs:label "a{character}b" .'))
    assert "a\ufffdb" in page.words["X"]
    assert page.whole.encode()
