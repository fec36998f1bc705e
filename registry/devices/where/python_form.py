"""Eve's Python form of conditions: `max_capacity>1 and (availability=="yes" or status.x-fanspeed==1)`.

condition  = and-part { "or" and-part }
and-part   = not-part { "and" not-part }
not-part   = "not" not-part | "(" condition ")" | comparison
comparison = operand operator operand { operator operand }
operand    = name | number | string | "True" | "False" | "None" | "datetime(" numbers ")" | "ObjectId(" string ")"
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from registry.devices.criteria import All, AnyOf, Criteria, Not, Operator
from registry.devices.where.conditions import DEEPEST, Conditions
from registry.devices.where.lexer import Kind, Token, refusal, tokens

_ORDERS = {
    "<": Operator.LESS,
    "<=": Operator.LESS_OR_EQUAL,
    ">": Operator.GREATER,
    ">=": Operator.GREATER_OR_EQUAL,
}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPERATORS = ("==", "!=", *_ORDERS)
_CONSTANTS = {"True": True, "False": False, "None": None}
_EXAMPLE = 'aggregator_id=="coop.example" and _created>datetime(2026, 1, 31)'


class PythonForm:
    """Reads one text.

    Args:
        conditions: makes the criteria.
        text: the parameter.

    Raises:
        BadRequest: the text holds what is no token.
    """

    def __init__(self, conditions: Conditions, text: str) -> None:
        self._conditions = conditions
        self._tokens = list(tokens(text))
        self._next = 0

    def read(self) -> Criteria:
        """Return the criteria of the whole text.

        Raises:
            BadRequest: it is no condition; says the column.
        """
        criteria = self._condition(0)
        if self._peek().kind is not Kind.END:
            raise self._unexpected(self._peek(), "and, or, or the end")
        return criteria

    def _condition(self, depth: int) -> Criteria:
        parts = [self._and(depth)]
        while self._skip("or"):
            parts.append(self._and(depth))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _and(self, depth: int) -> Criteria:
        parts = [self._not(depth)]
        while self._skip("and"):
            parts.append(self._not(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _not(self, depth: int) -> Criteria:
        if depth > DEEPEST:
            raise refusal(self._peek().column, f"conditions are nested more than {DEEPEST} levels deep")
        if self._skip("not"):
            return Not(self._not(depth + 1))
        if self._skip("("):
            criteria = self._condition(depth + 1)
            self._expect(")")
            return criteria
        return self._comparison()

    def _comparison(self) -> Criteria:
        operands = [self._operand()]
        operators: list[Token] = []
        while self._peek().kind is Kind.SIGN and self._peek().value in _OPERATORS:
            operators.append(self._take())
            operands.append(self._operand())
        if not operators:
            raise self._unexpected(self._peek(), f"one of {' '.join(_OPERATORS)}, as in {_EXAMPLE}; or a JSON object")
        pairs = zip(pairwise(operands), operators, strict=True)
        parts = tuple(self._pair(left, operator, right) for (left, right), operator in pairs)
        return parts[0] if len(parts) == 1 else All(parts)

    def _pair(self, left: Token, operator: Token, right: Token) -> Criteria:
        sign = operator.value
        if left.kind is Kind.VALUE or (self._unknown(left) and right.kind is Kind.NAME and not self._unknown(right)):
            left, right, sign = right, left, _MIRRORED.get(sign, sign)
        if left.kind is Kind.VALUE:
            raise refusal(operator.column, "two values are compared; one side must be a field")
        if right.kind is Kind.NAME and not self._unknown(right):
            raise refusal(operator.column, "two fields are compared; one side must be a value")
        if sign in _ORDERS:
            return self._conditions.order(left.value, _ORDERS[sign], right.value)
        equal = self._conditions.equal(left.value, right.value)
        return equal if sign == "==" else Not(equal)

    def _unknown(self, token: Token) -> bool:
        """Tell whether a token is a word that names no field: Eve takes it for a string."""
        return token.kind is Kind.NAME and self._conditions.field(token.value) is None

    def _operand(self) -> Token:
        token = self._take()
        if token.kind is Kind.SIGN and token.value in ("-", "+"):
            number = self._number()
            return Token(Kind.VALUE, -number if token.value == "-" else number, token.column)
        if token.kind is Kind.NAME and token.value in _CONSTANTS:
            return Token(Kind.VALUE, _CONSTANTS[token.value], token.column)
        if token.kind is Kind.NAME and self._skip("("):
            return Token(Kind.VALUE, self._call(token), token.column)
        if token.kind not in (Kind.NAME, Kind.VALUE) or token.value in ("and", "or", "not", "in", "is"):
            raise self._unexpected(token, "a field or a value")
        return token

    def _call(self, function: Token) -> Any:
        arguments: list[Any] = []
        while not self._skip(")"):
            if arguments:
                self._expect(",")
            arguments.append(self._argument())
        match function.value, arguments:
            case "ObjectId", [str(text)]:
                return text
            case "datetime", [*numbers] if all(type(number) is int for number in numbers):
                try:
                    return datetime(*numbers, tzinfo=UTC)  # type: ignore[misc]  # seven numbers at the most, or TypeError
                except (TypeError, ValueError, OverflowError):
                    pass
        raise refusal(function.column, 'the only calls are datetime(year, month, day, …) in UTC and ObjectId("…")')

    def _argument(self) -> Any:
        """Return a value that is no call itself: calls in calls would nest without bound."""
        token = self._peek()
        if token.kind is Kind.VALUE:
            return self._take().value
        raise self._unexpected(token, "a value")

    def _number(self) -> float:
        token = self._take()
        if token.kind is not Kind.VALUE or isinstance(token.value, str):
            raise self._unexpected(token, "a number")
        return token.value  # type: ignore[no-any-return]  # neither string nor name: the lexer made a number

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._peek()
        self._next += token.kind is not Kind.END
        return token

    def _skip(self, word: str) -> bool:
        token = self._peek()
        found = token.kind in (Kind.NAME, Kind.SIGN) and token.value == word
        self._next += found
        return found

    def _expect(self, sign: str) -> None:
        if not self._skip(sign):
            raise self._unexpected(self._peek(), f"'{sign}'")

    def _unexpected(self, token: Token, wanted: str) -> Exception:
        found = "the text ends" if token.kind is Kind.END else f"{str(token.value)[:30]!r} stands here"
        return refusal(token.column, f"{found}, where {wanted} is expected")
