"""The verdict on contracts as a SHACL validation report (SHACL, section 3.6).

The focus nodes are contracts and their assets, of which the report says which device each is about: as the contract
named it, whether there is such a device or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import uuid4

from registry.contracts.verdict import Reason, Verdict
from registry.vocabulary import FLEX, SH
from sparql.terms import BOOLEAN, TYPE, Iri, Literal, Term, Triple


def report_of(verdicts: Sequence[Verdict]) -> frozenset[Triple]:
    """Return the triples of a report about contracts; one that conforms has no results."""
    report = Iri(f"urn:uuid:{uuid4()}")
    conforms = all(each.valid for each in verdicts)
    triples = {
        Triple(report, TYPE, SH.term("ValidationReport")),
        Triple(report, SH.term("conforms"), Literal(str(conforms).lower(), BOOLEAN)),
    }
    for number, reason in enumerate((reason for each in verdicts for reason in each.all_reasons), 1):
        result = Iri(f"{report}#result-{number}")
        triples.add(Triple(report, SH.term("result"), result))
        triples.update(Triple(result, predicate, value) for predicate, value in _result(reason))
    for verdict in verdicts:
        for number, asset in enumerate(verdict.assets):
            if asset.reasons:
                triples.add(Triple(verdict.contract.asset_iri(number), FLEX.term("asset"), asset.device))
    return frozenset(triples)


def _result(reason: Reason) -> Iterator[tuple[Iri, Term]]:
    yield TYPE, SH.term("ValidationResult")
    yield SH.term("resultSeverity"), SH.term("Violation")
    yield SH.term("focusNode"), reason.focus
    yield SH.term("sourceShape"), reason.rule.shape
    yield SH.term("sourceConstraintComponent"), SH.term(reason.component)
    if len(reason.rule.path) == 1:
        yield SH.term("resultPath"), reason.rule.path[0]
    for text in reason.message.literals():
        yield SH.term("resultMessage"), text
