"""Who changed what of a device, as one principal sees it: the view's own changes, by the model in force now.

A change belongs to a view if it showed there when it was made. What shows of it is judged now: one of which nothing
shows any more is left out, its time with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from registry.access import view
from registry.devices.documents import device_iri, id_of
from registry.errors import NotFound
from registry.history.differences import Differences, differences
from registry.in_force import Edition
from registry.journal import Author, Kind, Recorder, What
from registry.journal.entry import OPERATOR, SOFTWARE, Entry
from registry.journal.feed import Feed, Shown
from registry.journal.sight import Sight
from registry.principal import Principal, Role
from sparql.terms import Iri

_MOST_READS = 10
"""Pages of the journal that are read for a page of a history; one of changes that no longer show may be short."""
_NAMED = {OPERATOR: "operator", SOFTWARE: "software"}
"""Authors without a token -> the word in the place of a role."""
_CROSSING = {
    What.CREATED: (Kind.CREATE, (Kind.CREATE, Kind.IMPORT)),
    What.DELETED: (Kind.DELETE, (Kind.DELETE, Kind.ERASE)),
}
"""How it shows where a device came into a view or left it -> the usual kind, and those that are said as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceChange:
    """A change as a principal may know of it.

    Attributes:
        number: its number among the view's changes.
        time: when it was made, in DATE_FORMAT.
        what: whether the device was new in the view, another than before, or gone from it.
        kind: what was done.
        by: the author: `role`, and `issuer` and `subject` if these may be known.
        request: the id of the request, if that may be known.
        model: the digest of the model that was in force then.
        changes: what differs in the view.
    """

    number: int
    time: str
    what: What
    kind: Kind
    by: dict[str, str]
    request: str | None
    model: str
    changes: Differences = field(repr=False)


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Some changes, the latest first; `before` leads on to older ones, None if there are none."""

    device: str
    changes: Sequence[DeviceChange]
    before: int | None


@dataclass(frozen=True, slots=True)
class Known:
    """A device with a history in a view: its id, and the view's graph."""

    device: str
    view: Iri


class DeviceHistory:
    """Reads the journal of `recorder`."""

    def __init__(self, recorder: Recorder) -> None:
        self._feed = Feed(recorder)

    def known(self, edition: Edition, principal: Principal, device_id: str) -> Known:
        """Return the device if it is, or ever was, in the principal's view.

        Raises:
            NotFound: it never was.
        """
        iri, graph = device_iri(device_id), view(principal)
        if iri is None or graph is None:
            raise NotFound("There is no such device.")
        if not self._feed.of_device(graph, id_of(iri), None, 1):
            edition.reader.get(principal, device_id)
        return Known(id_of(iri), graph)

    def first(self, known: Known) -> str | None:
        """Return the time of the first change of a device in a view that is kept; None if there is none."""
        found = self._feed.of_device_since(known.view, known.device, 0, 1)
        return found[0].entry.time if found else None

    def page(
        self, edition: Edition, principal: Principal, device_id: str, before: int | None, size: int
    ) -> HistoryPage:
        """Return the last `size` changes of a device, or those before the number `before`.

        Raises:
            NotFound: the device never was in the principal's view.
        """
        known = self.known(edition, principal, device_id)
        sight = Sight(edition.profile, principal)
        found: list[DeviceChange] = []
        for _ in range(_MOST_READS):
            shown = self._feed.of_device(known.view, known.device, before, size + 1)
            seen = (_as_seen(each, edition, principal, sight) for each in shown)
            found += [change for change in seen if change is not None]
            if len(found) > size:
                return HistoryPage(known.device, found[:size], found[size - 1].number)
            if len(shown) <= size:
                return HistoryPage(known.device, found, None)
            before = shown[-1].number
        return HistoryPage(known.device, found, before)


def _as_seen(shown: Shown, edition: Edition, principal: Principal, sight: Sight) -> DeviceChange | None:
    entry = shown.entry
    changes = differences(edition.profile, sight.of(entry.state_before), sight.of(entry.state_after))
    if shown.what is What.UPDATED and not changes:
        return None
    return DeviceChange(
        number=shown.number,
        time=entry.time,
        what=shown.what,
        kind=_kind(entry, shown.what, principal),
        by=author_as_seen(entry.author, principal),
        request=entry.request if principal.role is Role.SERVICE else None,
        model=entry.model,
        changes=changes,
    )


def author_as_seen(author: Author, principal: Principal) -> dict[str, str]:
    """Return what a principal may know of an author: services all, others the role alone, but for themselves."""
    role = author.role or _NAMED.get(author, "software")
    own = (author.issuer, author.subject) == (principal.issuer, principal.subject) and author.role == principal.role
    if author.role is None or not (own or principal.role is Role.SERVICE):
        return {"role": role}
    return {"role": role, "issuer": author.issuer, "subject": author.subject}


def _kind(entry: Entry, what: What, principal: Principal) -> Kind:
    """Return what was done; whether a device that came or went is elsewhere is known to services alone."""
    if principal.role is Role.SERVICE or what not in _CROSSING:
        return entry.kind
    usual, said = _CROSSING[what]
    return entry.kind if entry.kind in said else usual
