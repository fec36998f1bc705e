"""What is tested of one value: an expression over the variable that holds it, or the terms that it may be."""

from __future__ import annotations

from typing import Any

from registry.devices.criteria import All, Among, AnyOf, Comparison, Criteria, Not, Operator, Pattern
from registry.profile import Field
from registry.profile.codecs import CodeCodec, IriCodec
from registry.vocabulary import WKT_LITERAL
from sparql.terms import BOOLEAN, DATE_TIME, DOUBLE, XSD, Iri, Literal, Term, double, to_sparql

NEVER = "false"
_LARGEST = 1.7e308
_DATATYPES = {
    "boolean": BOOLEAN,
    "datetime": DATE_TIME,
    "date": XSD.term("date"),
    "point": WKT_LITERAL,
}


def terms_of(criteria: Criteria) -> tuple[Term, ...] | None:
    """Return the terms of which the value must be one, where the criteria say no more and no less than that."""
    match criteria:
        case Among(terms=terms):
            return terms
        case Comparison(field=Field() as field, operator=Operator.EQUAL, value=value):
            term = _term(field, value)
            return () if term is None else (term,)
        case AnyOf(parts):
            several = [terms_of(part) for part in parts]
            if None not in several:
                return tuple(dict.fromkeys(term for terms in several for term in terms or ()))
    return None


def value_test(criteria: Criteria, name: str, *, negated: bool = False) -> str:
    """Return the expression that tells whether the value in the variable `name` meets the criteria.

    It is an error or false where it doesn't, also where the variable is unbound. A negated one is never an error.
    """
    match criteria:
        case Not(part):
            return value_test(part, name, negated=not negated)
        case All(parts) | AnyOf(parts):
            both = isinstance(criteria, All) != negated
            tests = dict.fromkeys(f"({value_test(part, name, negated=negated)})" for part in parts)
            return (" && " if both else " || ").join(tests) or ("true" if both else NEVER)
        case Among(terms=terms):
            return denied(f"{name} IN ({', '.join(map(to_sparql, terms))})", negated)
        case Comparison(field=Field() as field):
            return denied(_comparison(field, criteria.operator, criteria.value, name), negated)
    raise AssertionError(criteria)


def denied(expression: str, negated: bool) -> str:
    """Return the expression, or its negation, in which an error counts as false."""
    return f"!COALESCE({expression}, {NEVER})" if negated else expression


def _comparison(field: Field, operator: Operator, value: Any, name: str) -> str:
    match operator:
        case Operator.EXISTS:
            return f"BOUND({name})"
        case Operator.EQUAL:
            term = _term(field, value)
            return NEVER if term is None else f"sameTerm({name}, {to_sparql(term)})"
        case Operator.MATCHES:
            return _matching(field, value, name)
        case Operator.MODULO:
            return _modulo(field, value, name)
        case Operator.SIZE:
            return NEVER
    return _ordered(field, operator, value, name)


def _term(field: Field, value: Any) -> Term | None:
    """Return the term of a value that is of the field's kind; None for any other: kinds are never equal or in order.

    Nor is a calendar: of that it can be asked whether there is one.
    """
    kind = field.codec.kind
    if kind in ("float", "integer"):
        numeric = not isinstance(value, bool) and isinstance(value, int | float) and abs(value) <= _LARGEST
        whole = kind == "float" or not numeric or float(value).is_integer()
        return None if not numeric else field.codec.encode(value) if whole else double(value)
    term = field.codec.encode(value)
    if isinstance(term, Iri) or kind in ("string", "uuid"):
        return term if isinstance(value, str) else None
    return term if term.datatype == _DATATYPES.get(kind) else None


def _ordered(field: Field, operator: Operator, value: Any, name: str) -> str:
    term = _term(field, value)
    if term is None or field.codec.kind == "point":
        return NEVER
    if isinstance(field.codec, CodeCodec):
        matching = [iri for wire, iri in field.codec.codes.items() if _holds(wire, operator, value)]
        return f"{name} IN ({', '.join(map(to_sparql, matching))})"
    if field.codec.kind == "boolean":  # the engine knows no order of truth values
        truths = [field.codec.encode(each) for each in (False, True) if _holds(each, operator, value)]
        return f"{name} IN ({', '.join(map(to_sparql, truths))})"
    if isinstance(term, Iri):
        return f"STR({name}) {operator} {to_sparql(Literal(term))}"
    return f"{name} {operator} {to_sparql(term)}"


def _holds(left: Any, operator: Operator, right: Any) -> bool:
    match operator:
        case Operator.LESS:
            return bool(left < right)
        case Operator.LESS_OR_EQUAL:
            return bool(left <= right)
        case Operator.GREATER:
            return bool(left > right)
        case _:
            return bool(left >= right)


def _matching(field: Field, pattern: Pattern, name: str) -> str:
    """Return the test of a text; a code's is its wire form, that of an IRI what its template encloses."""
    if field.codec.kind not in ("string", "uuid"):
        return NEVER
    rest = f"{to_sparql(Literal(pattern.text))}, {to_sparql(Literal(pattern.flags))}"
    if isinstance(field.codec, CodeCodec):
        tests = (
            f"({name} = {to_sparql(iri)} && REGEX({to_sparql(Literal(wire))}, {rest}))"
            for wire, iri in field.codec.codes.items()
        )
        return " || ".join(tests) or NEVER
    text = f"STR({name})"
    if isinstance(field.codec, IriCodec):
        before, after = field.codec.template.split("{value}")
        text = f"SUBSTR({text}, {len(before) + 1}, STRLEN({text}) - {len(before) + len(after)})"
    return f"REGEX({text}, {rest})"


def _modulo(field: Field, operands: tuple[int, int], name: str) -> str:
    """Return the test of a remainder, as MongoDB takes it: fractions are cut off, and the sign is the dividend's."""
    if field.codec.kind not in ("float", "integer"):
        return NEVER
    whole = _truncated(f"{to_sparql(DOUBLE)}({name})")
    divisor, remainder = (to_sparql(double(operand)) for operand in operands)
    return f"{whole} - {divisor} * {_truncated(f'({whole} / {divisor})')} = {remainder}"


def _truncated(number: str) -> str:
    return f"IF({number} < 0, CEIL({number}), FLOOR({number}))"
