"""Windows as iCalendar and back: what is written is read the same, what windows can't express is refused by name."""

from __future__ import annotations

import time as clock
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from device_strategies import single_windows, weekly_windows
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar as Object

from registry.calendars import Calendar, Once, Weekly, Window, read_windows, write_windows
from registry.calendars.icalendar_reading import (
    DEEPEST,
    LARGEST,
    MOST_COMPONENTS,
    CalendarRefusedError,
    CalendarUnreadableError,
    from_icalendar,
)
from registry.calendars.icalendar_writing import to_icalendar

NAME = "urn:uuid:0b7c1f5e-3a51-4c8e-9d0f-2f6a1c9e4b7d"
CHANGED = datetime(2026, 11, 25, 12, tzinfo=UTC)
ZAGREB = "DTSTART;TZID=Europe/Zagreb:20261130T220000"


def event(*lines: str, name: str = "VEVENT") -> str:
    return "\r\n".join([f"BEGIN:{name}", "UID:1", "DTSTAMP:20261125T120000Z", *lines, f"END:{name}", ""])


def calendar(*components: str, head: str = "") -> bytes:
    inner = "".join(components)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//EN\r\n{head}{inner}END:VCALENDAR\r\n".encode()


def read(*lines: str, zone: str | None = None, head: str = "") -> list[dict[str, Any]]:
    return write_windows(from_icalendar(calendar(event(*lines), head=head), zone))


def bounded(window: Window) -> Window:
    """Return a window with the first of the days that its bounds leave, as a calendar must name one."""
    return replace(window, first=window.first_day()) if isinstance(window, Weekly) and window.first else window


@given(windows=st.lists(single_windows() | weekly_windows(), min_size=1, max_size=4))
def test_what_is_written_is_read_the_same(windows: list[Window]) -> None:
    text = to_icalendar(windows, NAME, CHANGED)
    assert from_icalendar(text) == tuple(map(bounded, windows))
    assert to_icalendar(from_icalendar(text), NAME, CHANGED) == text


@given(windows=st.lists(weekly_windows(), min_size=1, max_size=2))
def test_a_calendar_means_the_same_spans(windows: list[Weekly]) -> None:
    found = from_icalendar(to_icalendar(windows, NAME, CHANGED))
    day = next((each for window in windows if (each := window.first_day(date(2026, 3, 1)))), date(2026, 3, 1))
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    for end in (begin + timedelta(days=40),):
        assert Calendar(found).spans(begin, end) == Calendar(tuple(windows)).spans(begin, end)


WEEK = {"days": ["monday", "friday"], "from": "22:00", "until": "06:00", "time_zone": "Europe/Zagreb"}


def test_what_is_written_is_an_object_that_other_programs_read() -> None:
    once = {"begin": "2026-12-01T07:00:00Z", "end": "2026-12-01T09:00:00Z", "available_power": 2.5}
    last = {**WEEK, "first_date": "2026-11-01", "last_date": "2026-12-31"}
    found = Object.from_ical(to_icalendar(read_windows([once, last]), NAME, CHANGED))
    assert found.errors == []
    assert found.get_missing_tzids() == set()
    single, weekly = found.events
    assert str(single["X-FLEXCOOP-POWER-KW"]) == "2.5"
    assert (single.start, single.end) == (datetime(2026, 12, 1, 7, tzinfo=UTC), datetime(2026, 12, 1, 9, tzinfo=UTC))
    assert str(single["UID"]) == f"{NAME}#window-1"
    assert weekly["RRULE"].to_ical() == b"FREQ=WEEKLY;UNTIL=20261231T210000Z;BYDAY=MO,FR"
    assert weekly.start == datetime(2026, 11, 2, 22, tzinfo=ZoneInfo("Europe/Zagreb"))
    assert weekly.DTSTAMP == CHANGED


def test_zones_are_described_as_they_are() -> None:
    found = Object.from_ical(to_icalendar(read_windows([WEEK]), NAME, CHANGED))
    (zone,) = found.timezones
    described = zone.to_tz(lookup_tzid=False)
    for month in range(1, 13):
        moment = datetime(2026, month, 15, 12)
        assert (
            moment.replace(tzinfo=described).utcoffset() == moment.replace(tzinfo=ZoneInfo("Europe/Zagreb")).utcoffset()
        )


EIGHT = "2026-12-01T08:00:00Z"
MONDAYS = {
    "days": ["monday"],
    "from": "22:00",
    "until": "06:00",
    "time_zone": "Europe/Zagreb",
    "first_date": "2026-11-30",
}
READABLE: dict[str, tuple[list[str], dict[str, Any]]] = {
    "a moment with a zone": (
        [ZAGREB, "DTEND;TZID=Europe/Zagreb:20261201T060000"],
        {"begin": "2026-11-30T21:00:00Z", "end": "2026-12-01T05:00:00Z"},
    ),
    "a duration": (
        ["DTSTART:20261201T080000Z", "DURATION:PT90M"],
        {"begin": "2026-12-01T08:00:00Z", "end": "2026-12-01T09:30:00Z"},
    ),
    "a power": (
        ["DTSTART:20261201T080000Z", "DURATION:PT1H", "X-FLEXCOOP-POWER-KW:2.5"],
        {"begin": "2026-12-01T08:00:00Z", "end": "2026-12-01T09:00:00Z", "available_power": 2.5},
    ),
    "weekly, on the day of its beginning": ([ZAGREB, "DURATION:PT8H", "RRULE:FREQ=WEEKLY"], MONDAYS),
    "weekly, on other days": (
        [ZAGREB, "DURATION:PT8H", "RRULE:FREQ=WEEKLY;BYDAY=SU,TU;WKST=SU"],
        {**MONDAYS, "days": ["tuesday", "sunday"]},
    ),
    "daily": (
        [ZAGREB, "DURATION:PT8H", "RRULE:FREQ=DAILY;INTERVAL=1"],
        {**MONDAYS, "days": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]},
    ),
    "daily, on weekdays": (
        [ZAGREB, "DURATION:PT8H", "RRULE:FREQ=DAILY;BYDAY=MO,WE"],
        {**MONDAYS, "days": ["monday", "wednesday"]},
    ),
    "until a day": (
        [ZAGREB, "DURATION:PT8H", "RRULE:FREQ=WEEKLY;UNTIL=20261214"],
        {**MONDAYS, "last_date": "2026-12-14"},
    ),
    "until a moment that takes the last in": (
        [ZAGREB, "DURATION:PT8H", "RRULE:FREQ=WEEKLY;UNTIL=20261214T210000Z"],
        {**MONDAYS, "last_date": "2026-12-14"},
    ),
    "until a moment that leaves the last out": (
        [ZAGREB, "DURATION:PT8H", "RRULE:FREQ=WEEKLY;UNTIL=20261214T205959Z"],
        {**MONDAYS, "last_date": "2026-12-13"},
    ),
    "a count": ([ZAGREB, "DURATION:PT8H", "RRULE:FREQ=WEEKLY;COUNT=3"], {**MONDAYS, "last_date": "2026-12-14"}),
    "a count on several days": (
        [ZAGREB, "DURATION:PT8H", "RRULE:FREQ=WEEKLY;COUNT=4;BYDAY=MO,WE,SU"],
        {**MONDAYS, "days": ["monday", "wednesday", "sunday"], "last_date": "2026-12-07"},
    ),
    "an end in another zone": ([ZAGREB, "DTEND:20261201T050000Z", "RRULE:FREQ=WEEKLY"], MONDAYS),
    "a zone as Windows calls it": (
        ["DTSTART;TZID=W. Europe Standard Time:20261201T080000", "DURATION:PT1H"],
        {"begin": "2026-12-01T07:00:00Z", "end": "2026-12-01T08:00:00Z"},
    ),
    "in UTC, week by week": (
        ["DTSTART:20261130T220000Z", "DURATION:PT8H", "RRULE:FREQ=WEEKLY"],
        {**MONDAYS, "time_zone": "UTC"},
    ),
    "of old, and so without a first day": (
        ["DTSTART;TZID=Europe/Zagreb:19700105T220000", "DURATION:PT8H", "RRULE:FREQ=WEEKLY"],
        {name: value for name, value in MONDAYS.items() if name != "first_date"},
    ),
    "with all that says nothing of time": (
        [
            "DTSTART:20261201T080000Z",
            "DURATION:PT1H",
            "SUMMARY:x",
            "ATTENDEE:mailto:a@example.com",
            "X-FOO:1",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "DESCRIPTION:x",
            "TRIGGER:-PT15M",
            "END:VALARM",
        ],
        {"begin": "2026-12-01T08:00:00Z", "end": "2026-12-01T09:00:00Z"},
    ),
}


@pytest.mark.parametrize("name", READABLE)
def test_readable(name: str) -> None:
    lines, expected = READABLE[name]
    assert read(*lines) == [expected]


DAYS = {
    "one day": (["DTSTART;VALUE=DATE:20260329"], {"begin": "2026-03-28T23:00:00Z", "end": "2026-03-29T22:00:00Z"}),
    "three days": (
        ["DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261204"],
        {"begin": "2026-11-30T23:00:00Z", "end": "2026-12-03T23:00:00Z"},
    ),
    "each sunday": (
        ["DTSTART;VALUE=DATE:20261129", "DURATION:P1D", "RRULE:FREQ=WEEKLY"],
        {
            "days": ["sunday"],
            "from": "00:00",
            "until": "00:00",
            "time_zone": "Europe/Zagreb",
            "first_date": "2026-11-29",
        },
    ),
    "a floating time": (
        ["DTSTART:20261201T080000", "DTEND:20261201T090000"],
        {"begin": "2026-12-01T07:00:00Z", "end": "2026-12-01T08:00:00Z"},
    ),
}


@pytest.mark.parametrize("name", DAYS)
@pytest.mark.parametrize(("zone", "head"), [("Europe/Zagreb", ""), (None, "X-WR-TIMEZONE:Europe/Zagreb\r\n")])
def test_days_and_times_without_a_zone_are_those_of_the_zone_that_is_given(
    name: str, zone: str | None, head: str
) -> None:
    lines, expected = DAYS[name]
    assert read(*lines, zone=zone, head=head) == [expected]


REFUSED = {
    "other frequencies": (
        [ZAGREB, "DURATION:PT8H", "RRULE:FREQ=MONTHLY"],
        "RRULE with FREQ=MONTHLY can't be expressed",
    ),
    "each second": ([ZAGREB, "DURATION:PT1S", "RRULE:FREQ=SECONDLY;COUNT=100000000"], "RRULE with FREQ=SECONDLY"),
    "every other week": ([ZAGREB, "DURATION:PT8H", "RRULE:FREQ=WEEKLY;INTERVAL=2"], "RRULE with INTERVAL can't"),
    "further parts": ([ZAGREB, "DURATION:PT8H", "RRULE:FREQ=WEEKLY;BYMONTH=1"], "RRULE with BYMONTH can't"),
    "by hours": ([ZAGREB, "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYHOUR=1,2"], "RRULE with BYHOUR can't"),
    "numbered days": ([ZAGREB, "DURATION:PT8H", "RRULE:FREQ=WEEKLY;BYDAY=2MO"], "BYDAY with a number"),
    "until and count": ([ZAGREB, "DURATION:PT8H", "RRULE:FREQ=WEEKLY;COUNT=2;UNTIL=20270101"], "both UNTIL and COUNT"),
    "a count of what": ([ZAGREB, "DURATION:PT8H", "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=2"], "not clear what is counted"),
    "a count without end": (
        [ZAGREB, "DURATION:PT8H", "RRULE:FREQ=WEEKLY;COUNT=2000000000"],
        "no number of events up to 2199",
    ),
    "an end before the beginning": (
        [ZAGREB, "DURATION:PT8H", "RRULE:FREQ=WEEKLY;UNTIL=20200101"],
        "ends before DTSTART",
    ),
    "two rules": ([ZAGREB, "DURATION:PT8H", "RRULE:FREQ=WEEKLY", "RRULE:FREQ=DAILY"], "RRULE is there more than once"),
    "exceptions": (
        [ZAGREB, "DURATION:PT8H", "RRULE:FREQ=WEEKLY", "EXDATE:20261207T210000Z"],
        "EXDATE can't be expressed",
    ),
    "further dates": ([ZAGREB, "DURATION:PT8H", "RDATE:20261207T210000Z"], "RDATE can't be expressed"),
    "an instance that was moved": ([ZAGREB, "DURATION:PT8H", "RECURRENCE-ID:20261207T210000Z"], "RECURRENCE-ID can't"),
    "longer than a day, week by week": ([ZAGREB, "DURATION:PT25H", "RRULE:FREQ=WEEKLY"], "not within 24 hours"),
    "cancelled": ([ZAGREB, "DURATION:PT8H", "STATUS:CANCELLED"], "STATUS is CANCELLED"),
    "no beginning": (["DTEND:20261201T080000Z"], "DTSTART is missing"),
    "no end": ([ZAGREB], "DTEND or DURATION is missing"),
    "both ends": ([ZAGREB, "DURATION:PT8H", "DTEND:20261201T080000Z"], "both DTEND and DURATION"),
    "an end before": ([ZAGREB, "DTEND:20261129T080000Z"], "its end is not later than DTSTART"),
    "no length": ([ZAGREB, "DURATION:PT0S"], "DURATION must be more than nothing"),
    "backwards": ([ZAGREB, "DURATION:-PT1H"], "DURATION must be more than nothing"),
    "too long": ([ZAGREB, "DURATION:P99999999D"], "DURATION is too long"),
    "days over a change of the clocks": (
        ["DTSTART;TZID=Europe/Zagreb:20260328T120000", "DURATION:P1D"],
        "DURATION reaches over a change of the clocks",
    ),
    "a day and a time": (["DTSTART:20261201T080000Z", "DTEND;VALUE=DATE:20261202"], "is a day, the other has a time"),
    "a day without a zone": (["DTSTART;VALUE=DATE:20261201"], "DTSTART has no time zone: give it a TZID"),
    "a time without a zone": (["DTSTART:20261201T080000", "DURATION:PT1H"], "DTSTART has no time zone"),
    "a zone that is none": (
        ["DTSTART;TZID=Middle Earth:20261201T080000", "DURATION:PT1H"],
        "which the IANA time zone database",
    ),
    "a moment that is none": (["DTSTART:tomorrow", "DURATION:PT1H"], "DTSTART can't be read"),
    "a rule that is none": ([ZAGREB, "DURATION:PT8H", "RRULE:FREQ=NEVER"], "RRULE can't be read"),
    "power that is none": (
        [ZAGREB, "DURATION:PT8H", "X-FLEXCOOP-POWER-KW:much"],
        "X-FLEXCOOP-POWER-KW must be a number",
    ),
    "power below nothing": ([ZAGREB, "DURATION:PT8H", "X-FLEXCOOP-POWER-KW:-1"], "must be a number from 0"),
    "power without bounds": ([ZAGREB, "DURATION:PT8H", "X-FLEXCOOP-POWER-KW:nan"], "X-FLEXCOOP-POWER-KW must"),
    "long ago": (["DTSTART:18000101T000000Z", "DURATION:PT1H"], "begin must lie within 1900-01-01"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_windows_cannot_express_is_refused_by_name(name: str) -> None:
    lines, words = REFUSED[name]
    good = event("DTSTART:20261201T080000Z", "DURATION:PT1H")
    with pytest.raises(CalendarRefusedError) as caught:
        from_icalendar(calendar(good, event(*lines)))
    assert isinstance(caught.value.issues, dict)
    ((component, found),) = caught.value.issues.items()
    assert component == "VEVENT 2"
    assert words in found


def availability(*components: str, lines: str = "") -> str:
    return (
        f"BEGIN:VAVAILABILITY\r\nUID:2\r\nDTSTAMP:20111005T133225Z\r\n{lines}{''.join(components)}END:VAVAILABILITY\r\n"
    )


NINE_TO_FIVE = (
    "DTSTART;TZID=America/Montreal:20111002T090000",
    "DTEND;TZID=America/Montreal:20111002T170000",
    "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
)


def test_the_example_of_rfc_7953() -> None:
    text = calendar(availability(event(*NINE_TO_FIVE, "SUMMARY:Monday to Friday from 9:00 to 17:00", name="AVAILABLE")))
    assert write_windows(from_icalendar(text)) == [
        {
            "days": ["monday", "tuesday", "wednesday", "thursday", "friday"],
            "from": "09:00",
            "until": "17:00",
            "time_zone": "America/Montreal",
            "first_date": "2011-10-02",
        }
    ]


OTHERS = {
    "a task": (event(name="VTODO"), "VTODO 1", "is no window of time; expected VEVENT or VAVAILABILITY"),
    "busy times": (event("FREEBUSY:20261201T080000Z/PT1H", name="VFREEBUSY"), "VFREEBUSY 1", "is no window of time"),
    "a bounded availability": (
        availability(event(*NINE_TO_FIVE, name="AVAILABLE"), lines="DTSTART:20111002T000000Z\r\n"),
        "VAVAILABILITY 1",
        "DTSTART can't be expressed; state it by the times of each AVAILABLE",
    ),
    "what is available when": (
        availability(event(*NINE_TO_FIVE, "EXDATE:20111003T130000Z", name="AVAILABLE")),
        "VAVAILABILITY 1, AVAILABLE 1",
        "EXDATE can't be expressed",
    ),
    "an event in it": (availability(event(*NINE_TO_FIVE)), "VAVAILABILITY 1, VEVENT 1", "expected AVAILABLE"),
    "one before the other": (
        availability(event(*NINE_TO_FIVE, name="AVAILABLE"), lines="PRIORITY:1\r\n") + availability(),
        "VAVAILABILITY 1",
        "PRIORITY can't be expressed",
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_components_are_refused_by_name(name: str) -> None:
    text, component, words = OTHERS[name]
    with pytest.raises(CalendarRefusedError) as caught:
        from_icalendar(calendar(text))
    assert isinstance(caught.value.issues, dict)
    assert words in caught.value.issues[component]


def test_a_calendar_without_windows_does_not_mean_always() -> None:
    with pytest.raises(CalendarRefusedError, match="to be always available, delete the windows"):
        from_icalendar(calendar())


def test_too_many_events() -> None:
    with pytest.raises(CalendarRefusedError, match="at most 200 events, not 201"):
        from_icalendar(calendar(*[event("DTSTART:20261201T080000Z", "DURATION:PT1H")] * 201))


HOSTILE = {
    "nothing": (b"", "no iCalendar object"),
    "no calendar": (b"{}", "no iCalendar object"),
    "an event alone": (event().encode(), "expected one VCALENDAR"),
    "two calendars": (calendar() * 2, "no iCalendar object"),
    "no end": (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "VCALENDAR has no END"),
    "ends that cross": (
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\nEND:VEVENT\r\n",
        "ends what was not begun last",
    ),
    "a hidden zone": (
        b"BEGIN:VCALENDAR\r\nBEGIN;X=1:VTIMEZONE\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n",
        "neither begins nor ends",
    ),
    "other bytes": (b"BEGIN:VCALENDAR\r\nSUMMARY:\xff\r\nEND:VCALENDAR\r\n", "no UTF-8 text"),
    "too large": (calendar() + b" " * LARGEST, "are the most"),
    "too many components": (calendar(*[event()] * (MOST_COMPONENTS + 1)), "more than 1,000 components"),
    "too deep": (b"BEGIN:VEVENT\r\n" * (DEEPEST + 1), "nested deeper than"),
    "a folded name": (b"BEGIN:VCALENDAR\r\n" + b" x" * 1000 + b"\r\nEND:VCALENDAR\r\n", "neither begins nor ends"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_refused_at_once(name: str) -> None:
    text, words = HOSTILE[name]
    began = clock.process_time()
    with pytest.raises(CalendarUnreadableError, match=words):
        from_icalendar(text)
    assert clock.process_time() - began < 2


LIE = (
    "BEGIN:VTIMEZONE\r\nTZID:{}\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0900\r\nTZOFFSETTO:+0900\r\n"
    "RRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


@pytest.mark.parametrize("zone", ["Europe/Zagreb", "Middle Earth"])
def test_what_a_calendar_says_of_zones_is_not_believed_and_not_kept(zone: str) -> None:
    lines = (f"DTSTART;TZID={zone}:20261201T080000", "DURATION:PT1H")
    text = calendar(LIE.format(zone), event(*lines))
    if zone == "Europe/Zagreb":
        found = write_windows(from_icalendar(text))
        assert found == [{"begin": "2026-12-01T07:00:00Z", "end": "2026-12-01T08:00:00Z"}]
    else:
        with pytest.raises(CalendarRefusedError, match="IANA"):
            from_icalendar(text)
    with pytest.raises(CalendarRefusedError, match="IANA"):
        from_icalendar(calendar(event("DTSTART;TZID=Middle Earth:20261201T080000", "DURATION:PT1H")))


@given(text=st.text(st.sampled_from("BEGIN:VEVENT\r\n DTSTARTRULE;=,0123456789Z"), max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    body = f"BEGIN:VCALENDAR\r\n{text}\r\nEND:VCALENDAR\r\n".encode()
    with suppress(CalendarRefusedError, CalendarUnreadableError):
        assert from_icalendar(body)


PROPERTIES = st.sampled_from(
    ["DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", "X-FLEXCOOP-POWER-KW", "STATUS", "DTSTART;TZID=UTC", "UID"]
)
VALUES = st.sampled_from(
    ["20261201T080000Z", "20261201", "00010101T000000", "99991231T235959Z", "PT1H", "P9999999999W", "FREQ=WEEKLY", ""]
) | st.text(st.characters(codec="ascii", exclude_characters="\r\n"), max_size=20)


@given(lines=st.lists(st.tuples(PROPERTIES, VALUES), max_size=6))
def test_any_event_is_read_or_refused(lines: list[tuple[str, str]]) -> None:
    with suppress(CalendarRefusedError, CalendarUnreadableError):
        (window,) = from_icalendar(calendar(event(*(f"{name}:{value}" for name, value in lines))), "Pacific/Apia")
        assert isinstance(window, Once | Weekly)
