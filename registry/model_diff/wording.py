"""Terms, values and subjects in words: compact IRIs, codes by their wire form, numbers with their unit."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from rdflib import RDF, SH, SKOS, Graph, Literal, URIRef

from registry.model_diff.inventory import Inventory, Subject
from registry.model_diff.values import Description, Members, Value

HAS_UNIT = URIRef("http://qudt.org/schema/qudt/hasUnit")
QUDT_SYMBOL = URIRef("http://qudt.org/schema/qudt/symbol")
_UNITS = "http://qudt.org/vocab/unit/"
_SYMBOLS = """
W W, KiloW kW, MegaW MW, KiloV-A kVA, KiloV-A_Reactive kvar, W-HR Wh, KiloW-HR kWh, MegaW-HR MWh, J J, KiloJ kJ,
MegaJ MJ, SEC s, MilliSEC ms, MIN min, HR h, DAY d, PERCENT %, DEG °, DEG_C °C, K K, LUX lx, A A, V V, KiloV kV, HZ Hz,
OHM Ω, M m, M3 m³, L l, KiloGM kg
"""
SYMBOLS: Mapping[URIRef, str] = {
    URIRef(_UNITS + name): symbol for name, symbol in (pair.split() for pair in _SYMBOLS.split(","))
}
"""Units of QUDT -> their symbols, for models that don't say qudt:symbol."""
_LONG = 160
"""Characters of a value after which it is cut short in words."""


class Wording:
    """Words for what the two compared models hold.

    Args:
        before: the old model, with the new names of its terms.
        after: the new model.
        prefixes: namespace -> prefix.
    """

    def __init__(self, before: Inventory, after: Inventory, prefixes: Mapping[str, str]) -> None:
        self._models = (after, before)
        self._prefixes = sorted(prefixes.items(), key=lambda each: len(each[0]), reverse=True)

    def iri(self, iri: str) -> str:
        """Return a compact IRI where a prefix fits, else the IRI in full."""
        for namespace, prefix in self._prefixes:
            if prefix and iri.startswith(namespace) and "/" not in iri[len(namespace) :]:
                return f"{prefix}:{iri[len(namespace) :]}"
        return f"<{iri}>"

    def name(self, subject: Subject) -> str:
        """Return what a subject is called: a field by its JSON name, a property by its IRI and that of its fields."""
        if subject.field:
            return f"`{subject.field}`"
        if subject.key != subject.about:
            return f"the rule on {self.path(subject.one(SH.path))} of `{self.iri(subject.about)}`"
        if not subject.is_named:
            return _cut(self._value(Description(subject.said(subject.values))))
        fields = [name for model in self._models for name in model.fields_of_properties.get(URIRef(subject.key), ())]
        shown = ", ".join(f"`{name}`" for name in dict.fromkeys(fields))
        return f"`{self.iri(subject.key)}`" + (f" ({shown})" if shown else "")

    def short_name(self, subject: Subject) -> str:
        """Return a field's name in JSON, a compact IRI, or what stands in for one."""
        if subject.field:
            return subject.field
        return self.iri(subject.key) if subject.is_named else self.name(subject)

    def value(self, value: Value | None) -> str:
        """Return a value in words, cut short if it is long."""
        return "none" if value is None else _cut(self._value(value))

    def path(self, path: Value | None) -> str:
        """Return the steps of a path."""
        steps = path.members if isinstance(path, Members) else () if path is None else (path,)
        return _cut(" / ".join(map(self._value, steps))) or "no path"

    def unit(self, subject: Subject) -> str:
        """Return a blank and the symbol of the unit of a field's values, else nothing."""
        for step in subject.path[-1:]:
            found = {unit for model in self._models for unit in model.graph.objects(URIRef(str(step)), HAS_UNIT)}
            if len(found) == 1:
                return f" {self.symbol(found.pop())}"
        return ""

    def symbol(self, unit: object) -> str:
        """Return the symbol of a unit, else its compact IRI."""
        iri = URIRef(str(unit))
        said = (model.graph.value(iri, QUDT_SYMBOL) for model in self._models)
        return next((str(symbol) for symbol in said if symbol is not None), SYMBOLS.get(iri) or self.iri(iri))

    def details(self, subject: Subject) -> str:
        """Return what kind of value a field has: "xsd:double, kW, required"."""
        codes = subject.one(SH["in"])
        kind = subject.one(SH.datatype) or subject.one(SH.nodeKind)
        parts = [
            f"one of {len(codes.members)} codes" if isinstance(codes, Members) else kind and self.value(kind),
            self.unit(subject).strip(),
            None if SH.maxCount in subject.values else "a list",
        ]
        return ", ".join(part for part in parts if part) or "no datatype"

    def _value(self, value: Value) -> str:
        if isinstance(value, Literal):
            return _literal(value)
        if isinstance(value, Members):
            return ", ".join(map(self._value, value.listed)) or "nothing"
        if isinstance(value, Description):
            parts = (f"{self._predicate(predicate)} {self._part(each)}" for predicate, each in value.parts)
            return f"[{'; '.join(sorted(parts)) or value.canonical}]"
        code = next((found for model in self._models if (found := model.graph.value(value, SKOS.notation))), None)
        return self.iri(value) if code is None else f"`{code}` ({self.iri(value)})"

    def _predicate(self, predicate: URIRef) -> str:
        return "a" if predicate == RDF.type else self.iri(predicate)

    def _part(self, value: Value) -> str:
        return f"({self._value(value)})" if isinstance(value, Members) else self._value(value)


def prefixes_of(*graphs: Graph) -> dict[str, str]:
    """Return namespace -> prefix; the first graph that has one decides."""
    found: dict[str, str] = {}
    for graph in graphs:
        for prefix, namespace in sorted(graph.namespaces()):
            found.setdefault(str(namespace), prefix)
    return found


def _literal(literal: Literal) -> str:
    if isinstance(literal.value, int | float | Decimal) and not isinstance(literal.value, bool):
        return f"{Decimal(str(literal)):f}".removesuffix(".0") if _finite(literal) else str(literal)
    if isinstance(literal.value, bool):
        return str(literal)
    return f'"{literal}"'


def _finite(literal: Literal) -> bool:
    return Decimal(str(literal)).is_finite() and abs(Decimal(str(literal))) < 10**15


def _cut(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
