"""Writes RDF/XML: one rdf:Description for each subject, well-formed and exact whatever the literals hold.

rdflib's writers lose members of lists that are literals, bare carriage returns beside angle brackets, and the escapes
of ampersands in IRIs of datatypes and namespaces. What XML itself lacks is dealt with here: a character that XML 1.0
has no form for becomes U+FFFD, and a predicate that can't be the name of an element is refused.

Source: RDF 1.1 XML Syntax; Namespaces in XML 1.0, section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from sparql.terms import RDF, STRING, Iri, Literal, Triple

_START = (
    "A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
)
_NAME = re.compile(rf"[{_START}][{_START}0-9.\u00b7\u0300-\u036f\u203f\u2040-]*\Z")
"""A name without a colon, at the end of an IRI; the rarer letters of XML are not used."""
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no form for (section 2.2, production 2)."""
_REPLACEMENT = "\ufffd"
_OTHER_MEANING = frozenset(
    RDF.term(name)
    for name in (
        *("RDF", "Description", "ID", "about", "parseType", "resource", "nodeID", "datatype", "li"),
        *("aboutEach", "aboutEachPrefix", "bagID"),
    )
)
"""Names that are none of property elements (RDF 1.1 XML Syntax, section 5.1 and production 6.1.5), or mean another."""
_RESERVED = ("http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/")
"""Namespaces that can't be declared."""


class NotWritable(ValueError):
    """A format has no form for something in the graph; the message says for what."""


def write_rdf_xml(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> bytes:
    """Return `triples`, which stand together by subject; blank nodes are `Iri("_:…")`.

    Args:
        triples: what to write, in this order.
        prefixes: names for namespaces of predicates; for others names are made up.

    Raises:
        NotWritable: a predicate doesn't end in a name.
    """
    triples = list(triples)
    names = _Names(prefixes)
    parts = [_described(subject, list(about), names) for subject, about in groupby(triples, lambda each: each.subject)]
    declared = "".join(f"\n   xmlns:{prefix}={quoteattr(name)}" for name, prefix in sorted(names.used.items()))
    return f'<?xml version="1.0" encoding="utf-8"?>\n<rdf:RDF{declared}>\n{"".join(parts)}</rdf:RDF>\n'.encode()


class _Names:
    """The names of elements, and the namespaces that they need."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._known = {name: prefix for prefix, name in prefixes.items() if _can_be_declared(prefix)}
        self._known[str(RDF)] = "rdf"
        self.used = {str(RDF): "rdf"}

    def of(self, predicate: Iri) -> str:
        """Return the qualified name of a predicate."""
        namespace, local = self._split(predicate)
        if namespace not in self.used:
            prefix = self._known.get(namespace, "")
            taken = {*self.used.values(), *self._known.values()}
            numbers = range(1, len(taken) + 2)
            fresh = next(f"ns{number}" for number in numbers if f"ns{number}" not in taken)
            self.used[namespace] = prefix if prefix and prefix not in self.used.values() else fresh
        return f"{self.used[namespace]}:{local}"

    def _split(self, predicate: Iri) -> tuple[str, str]:
        if predicate in _OTHER_MEANING or predicate.startswith(_RESERVED):
            raise NotWritable(
                f"RDF/XML has no form for the predicate {predicate!r}, which has a meaning of its own there"
            )
        for namespace in sorted(self._known, key=len, reverse=True):
            if predicate.startswith(namespace) and _NAME.match(predicate, len(namespace)):
                return namespace, predicate[len(namespace) :]
        found = _NAME.search(predicate)
        if found is None or found.start() == 0:
            raise NotWritable(f"RDF/XML has no form for the predicate {predicate!r}, which does not end in a name")
        return predicate[: found.start()], found.group()


def _can_be_declared(prefix: str) -> bool:
    return _NAME.match(prefix) is not None and not prefix.lower().startswith("xml")


def _described(subject: Iri, about: Iterable[Triple], names: _Names) -> str:
    lines = [f"  <rdf:Description {_reference('about', subject)}>\n"]
    lines.extend(_stated(each, names.of(each.predicate)) for each in about)
    return "".join([*lines, "  </rdf:Description>\n"])


def _stated(triple: Triple, name: str) -> str:
    value = triple.object
    if not isinstance(value, Literal):
        return f"    <{name} {_reference('resource', value)}/>\n"
    kind = ""
    if value.language is not None:
        kind = f" xml:lang={quoteattr(value.language)}"
    elif value.datatype != STRING:
        kind = f" rdf:datatype={quoteattr(value.datatype)}"
    # a bare carriage return would be read as a line feed (XML 1.0, section 2.11)
    return f"    <{name}{kind}>{escape(_fit(value.lexical), {chr(13): '&#13;'})}</{name}>\n"


def _reference(kind: str, node: Iri) -> str:
    if node.startswith("_:"):
        return f"rdf:nodeID={quoteattr(node[2:])}"
    return f"rdf:{kind}={quoteattr(_fit(node))}"


def _fit(text: str) -> str:
    return _UNFIT.sub(_REPLACEMENT, text)
