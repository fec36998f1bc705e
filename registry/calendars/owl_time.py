"""Windows in OWL-Time, as queries find them: derived from the windows alone, and never read back.

A single window is a time:ProperInterval between two instants. A weekly one is none, but a rule for many: it names its
days by descriptions of OWL-Time, one a day as these have one time:dayOfWeek each, and its local times by properties of
our own.

Moments are written as xsd:dateTime in UTC. With a time zone these are the values of xsd:dateTimeStamp, the range that
OWL-Time states, and the embedded engine keeps both as the one.

Source: W3C Time Ontology in OWL, sections 4.2 and 4.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from registry.calendars.json_form import written_moment
from registry.calendars.windows import DAYS, Once, Weekly, Window
from registry.vocabulary import FLEX, TIME, TIME_ZONES
from sparql.terms import DATE_TIME, TYPE, XSD, Iri, Literal, Triple, double

WINDOW, WEEKLY = FLEX.term("availabilityWindow"), FLEX.term("weeklyAvailability")
_POWER = FLEX.term("availablePower")
_BEGIN, _END, _AT = TIME.term("hasBeginning"), TIME.term("hasEnd"), TIME.term("inXSDDateTimeStamp")
_LOCAL_BEGIN, _LOCAL_END = FLEX.term("localBeginning"), FLEX.term("localEnd")
_ON, _ZONE_NAME = FLEX.term("recursOn"), FLEX.term("timeZoneName")
_FIRST, _LAST = FLEX.term("firstDate"), FLEX.term("lastDate")
_UNIT, _DAY_OF_WEEK, _ZONE = TIME.term("unitType"), TIME.term("dayOfWeek"), TIME.term("timeZone")

PREDICATES = (
    *(WINDOW, WEEKLY, _POWER, _BEGIN, _END, _AT, _LOCAL_BEGIN, _LOCAL_END),
    *(_ON, _ZONE_NAME, _FIRST, _LAST, _UNIT, _DAY_OF_WEEK, _ZONE),
)
"""The predicates of all triples that windows have, beside rdf:type."""


def window_triples(device: Iri, windows: Iterable[Window]) -> Iterator[Triple]:
    """Yield the triples of windows; the first one's node is `<device>#window-1`."""
    for number, window in enumerate(windows, start=1):
        node = Iri(f"{device}#window-{number}")
        once = isinstance(window, Once)
        yield Triple(device, WINDOW if once else WEEKLY, node)
        yield from _once(node, window) if isinstance(window, Once) else _weekly(node, window)
        if window.power is not None:
            yield Triple(node, _POWER, double(window.power))


def _once(node: Iri, window: Once) -> Iterator[Triple]:
    yield Triple(node, TYPE, FLEX.term("AvailabilityWindow"))
    for name, predicate, moment in (("begin", _BEGIN, window.begin), ("end", _END, window.end)):
        instant = Iri(f"{node}-{name}")
        yield Triple(node, predicate, instant)
        yield Triple(instant, TYPE, TIME.term("Instant"))
        yield Triple(instant, _AT, Literal(written_moment(moment), DATE_TIME))


def _weekly(node: Iri, window: Weekly) -> Iterator[Triple]:
    yield Triple(node, TYPE, FLEX.term("WeeklyAvailability"))
    yield Triple(node, _LOCAL_BEGIN, Literal(window.start.isoformat(), XSD.term("time")))
    yield Triple(node, _LOCAL_END, Literal(window.until.isoformat(), XSD.term("time")))
    yield Triple(node, _ZONE_NAME, Literal(window.zone))
    for predicate, date in ((_FIRST, window.first), (_LAST, window.last)):
        if date is not None:
            yield Triple(node, predicate, Literal(date.isoformat(), XSD.term("date")))
    for day in window.days:
        described = Iri(f"{node}-{DAYS[day]}")
        yield Triple(node, _ON, described)
        yield Triple(described, TYPE, TIME.term("DateTimeDescription"))
        yield Triple(described, _UNIT, TIME.term("unitDay"))
        yield Triple(described, _DAY_OF_WEEK, TIME.term(DAYS[day].capitalize()))
        yield Triple(described, _ZONE, TIME_ZONES.term(window.zone))
