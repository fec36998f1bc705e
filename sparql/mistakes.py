"""The first token of a query that can't stand where it stands, as far as that can be told without a grammar.

The engine's parser says how far it looked, which is often a few words off: a keyword that it tried counts with its
whole length. This goes through the tokens with the rules that people trip over: brackets, triples, AS, commas,
quotation marks. It may find nothing in a wrong query, and it finds nothing in a right one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from sparql.mistake_rules import (
    AFTER_OPERAND,
    AGGREGATES,
    BUILTINS,
    CLOSING,
    DEMANDS,
    DUE,
    ELEMENTS,
    LITERALS,
    LOGIC,
    NO_FUNCTIONS,
    STARTS,
    TERM_WORDS,
    TERMS,
    Bracket,
    Mistake,
    Slot,
    fits,
    no_form_mistake,
    quotation_mistake,
)
from sparql.prologue import read_prologue
from sparql.tokens import Source, tokens

_LONGEST_NAME = 60
"""Characters of a name that are repeated to its author."""


@dataclass(slots=True)
class _Walk:
    """Goes through the tokens of a text, one bracket in another."""

    text: str
    prefixes: Mapping[str, str]
    brackets: list[Bracket] = field(default_factory=lambda: [Bracket("", 0, Slot.ANYTHING)])
    before: tuple[str, str] = ("", "")
    head: bool = False
    data: bool = False

    def step(self, kind: str, start: int, sign: str) -> Mistake | None:
        found = self._judge(kind, start, sign)
        self.before = (kind, sign)
        return found

    def end(self, position: int) -> Mistake | None:
        """Tell what is missing at the end of the text."""
        bracket = self.brackets[-1]
        if not bracket.sign:
            return None
        return Mistake(position, (f'"{CLOSING[bracket.sign]}"',), self._open_since(bracket))

    def _open_since(self, bracket: Bracket) -> str:
        line = self.text.count("\n", 0, bracket.position) + 1
        return f"The {bracket.sign} in line {line} is not closed."

    def _judge(self, kind: str, start: int, sign: str) -> Mistake | None:
        if self.before[1] == "^^" and kind not in ("name", "iri"):
            return Mistake(start, ("the IRI of a datatype",))
        match kind:
            case "open":
                return self._open(start, sign)
            case "close":
                return self._close(start, sign)
            case "separator":
                return self._separate(start, sign)
            case "operator":
                return self._operate(start, sign)
        return self._named(kind, start, sign) if kind in TERMS else self._unclosed(kind, start, sign)

    def _unclosed(self, kind: str, start: int, sign: str) -> Mistake | None:
        if kind != "unclosed":
            return None
        return Mistake(start, (), f"The string that begins here has no {sign[0]} at its end on this line.")

    def _named(self, kind: str, start: int, name: str) -> Mistake | None:
        demanded = DEMANDS.get(self.before[1].upper()) if self.before[0] == "name" else None
        if demanded and not fits(demanded, kind, name):
            return Mistake(start, demanded)
        if kind == "name" and ":" not in name and name not in TERM_WORDS:
            return quotation_mistake(start, name) or self._word(start, name.upper())
        return self._undeclared(kind, start, name) or self._term(kind, start)

    def _undeclared(self, kind: str, start: int, name: str) -> Mistake | None:
        if kind != "name" or ":" not in name or (prefix := name.partition(":")[0]) in self.prefixes:
            return None
        return Mistake(start, (), f"The prefix {prefix[:_LONGEST_NAME]}: is not declared.")

    def _term(self, kind: str, start: int) -> Mistake | None:
        bracket = self.brackets[-1]
        if self.before[1] == "^^":
            return None
        if bracket.slot in (Slot.VERB, Slot.VERB_OR_END) and kind in LITERALS:
            return self._due(start, Slot.VERB)
        return self._node(start)

    def _node(self, start: int) -> Mistake | None:
        """Take a term, or a bracket that stands for one, into the triple at hand."""
        bracket = self.brackets[-1]
        match bracket.slot:
            case Slot.START:
                bracket.slot = Slot.VERB
            case Slot.VERB | Slot.VERB_OR_END:
                bracket.slot = Slot.OBJECT
            case Slot.OBJECT:
                bracket.slot = Slot.END
            case Slot.END:
                return self._due(start, Slot.END)
        return None

    def _due(self, start: int, slot: Slot) -> Mistake:
        return Mistake(start, DUE[slot].expected, DUE[slot].hint)

    def _word(self, start: int, word: str) -> Mistake | None:
        bracket = self.brackets[-1]
        if word in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"):
            self.head = word == "SELECT"
            bracket.slot = Slot.ANYTHING
        elif word in ("FROM", "WHERE"):
            self.head = False
        elif bracket.data or word == "VALUES":
            self.data, bracket.slot = True, Slot.ANYTHING if bracket.slot is Slot.ANYTHING else Slot.ELEMENT
        elif bracket.sign == "(" and bracket.slot is Slot.ANYTHING:
            return self._word_in_expression(start, word, bracket)
        elif bracket.slot in (Slot.VERB, Slot.OBJECT):
            return self._due(start, bracket.slot)
        elif bracket.slot in (Slot.START, Slot.END) and word not in ELEMENTS:
            return Mistake(start, DUE[Slot.END].expected if bracket.slot is Slot.END else STARTS)
        elif bracket.slot is not Slot.ANYTHING:
            bracket.slot = Slot.ELEMENT
        elif self.head and word in AGGREGATES:
            return Mistake(start, ('"("',), f"Write ({word}(…) AS ?name).")
        return None

    def _word_in_expression(self, start: int, word: str, bracket: Bracket) -> Mistake | None:
        kind, sign = self.before
        bracket.named = bracket.named or word == "AS"
        operand = sign == ")" or (kind in TERMS and (kind != "name" or ":" in sign))
        if operand and word not in AFTER_OPERAND:
            hint = f"Write {LOGIC[word]} for {word}." if word in LOGIC else ""
            return Mistake(start, ("an operator", '")"'), hint)
        return None

    def _open(self, start: int, sign: str) -> Mistake | None:
        bracket, (kind, before) = self.brackets[-1], self.before
        word = before.upper() if kind == "name" and ":" not in before and before != "a" else ""
        if sign == "(" and word and word not in BUILTINS | NO_FUNCTIONS and bracket.sign == "(":
            return Mistake(start, (), self._no_function(word))
        if sign == "{":
            self.head = False
            if bracket.slot in (Slot.VERB, Slot.OBJECT):
                return self._due(start, bracket.slot)
            self.brackets.append(Bracket(sign, start, Slot.ANYTHING if self.data else Slot.START, data=self.data))
            self.data = False
            return None
        names = word if word == "BIND" else "SELECT" if self.head and sign == "(" and bracket.sign != "(" else ""
        slot = Slot.VERB_OR_END if sign in ("[", "{|") else Slot.ANYTHING
        self.brackets.append(Bracket(sign, start, slot, names, data=bracket.data))
        return None

    def _no_function(self, name: str) -> str:
        name = name[:_LONGEST_NAME]
        close = get_close_matches(name, BUILTINS, 1)
        return f"There is no function {name}" + (f"; did you mean {close[0]}?" if close else ".")

    def _close(self, start: int, sign: str) -> Mistake | None:
        bracket = self.brackets[-1]
        closing = CLOSING.get(bracket.sign)
        if sign == ")>>" and closing == ")":
            sign = ")"
        if closing is None:
            return Mistake(start, (), f"There is no opening bracket for this {sign}")
        if closing != sign:
            return Mistake(start, (f'"{closing}"',), self._open_since(bracket))
        if bracket.slot in (Slot.VERB, Slot.OBJECT):
            return self._due(start, bracket.slot)
        return self._closed(start, sign, self.brackets.pop())

    def _closed(self, start: int, sign: str, bracket: Bracket) -> Mistake | None:
        if bracket.names in ("BIND", "SELECT") and not bracket.named:
            example = "BIND(expression AS ?variable)" if bracket.names == "BIND" else "(expression AS ?variable)"
            return Mistake(start, ("AS",), f"Write {example}.")
        around = self.brackets[-1]
        if around.slot is Slot.ELEMENT or sign == "}":
            around.slot = Slot.ANYTHING if around.slot is Slot.ANYTHING else Slot.START
            return None
        if sign == "|}":
            return None
        starts = around.slot is Slot.START
        found = self._node(start)
        around.slot = Slot.VERB_OR_END if starts else around.slot
        return found

    def _separate(self, start: int, sign: str) -> Mistake | None:
        bracket = self.brackets[-1]
        if bracket.slot in (Slot.VERB, Slot.OBJECT):
            return self._due(start, bracket.slot)
        if self.head and sign == "," and bracket.sign != "(":
            return Mistake(start, ("a variable", '"WHERE"', '"{"'), "Separate the variables of SELECT by spaces.")
        if bracket.slot is Slot.START and self.before[1] not in ("}", ")"):
            return Mistake(start, ("a triple pattern", '"}"'), f"There is no triple pattern before this {sign}")
        if bracket.slot in (Slot.END, Slot.VERB_OR_END):
            bracket.slot = {".": Slot.START, ";": Slot.VERB_OR_END, ",": Slot.OBJECT}[sign]
        return None

    def _operate(self, start: int, sign: str) -> Mistake | None:
        bracket = self.brackets[-1]
        if sign == "=" and self.before == ("operator", "="):
            return Mistake(start, (), "Equality is a single =.")
        if sign == "<" and bracket.sign != "(":
            return Mistake(start, ("an IRI",), "An IRI ends with > and holds no spaces, quotation marks or braces.")
        if bracket.slot is Slot.OBJECT and sign in "/|":
            bracket.slot = Slot.VERB
        elif sign == "~":
            bracket.slot = Slot.ANYTHING
        return None


def first_mistake(text: str, prefixes: Mapping[str, str]) -> Mistake | None:
    """Return the first mistake that can be told, in a text that the engine can't read; None when there is none.

    Args:
        text: the query.
        prefixes: those that are declared before it begins.
    """
    source = Source(text)
    prologue = read_prologue(source, prefixes)
    walk = _Walk(text, prologue.prefixes)
    if prologue.form is None:
        return no_form_mistake(text, prologue.start)
    position = prologue.start
    for kind, start, end in tokens(source, position):
        if found := walk.step(kind, start, text[start:end]):
            return found
        position = end
    return _unreadable(source, position) or walk.end(len(text.rstrip()))


def _unreadable(source: Source, position: int) -> Mistake | None:
    position = source.skip(position)
    if position == len(source.text):
        return None
    sign = source.text[position]
    return quotation_mistake(position, sign) or Mistake(position, (), f"{sign} begins nothing that can stand here.")
