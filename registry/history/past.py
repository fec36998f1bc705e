"""The registry as it was at an earlier moment, as a principal would have seen it by the model in force now."""

from __future__ import annotations

from registry.access import dataset, view
from registry.devices.criteria import Listing
from registry.devices.device import Device
from registry.devices.documents import device_iri, id_of
from registry.devices.reading import Page
from registry.errors import NotFound
from registry.history.beginning import require_kept
from registry.history.past_copies import PastCopies
from registry.history.past_device import device_in_view
from registry.history.timeline import Timeline
from registry.in_force import Edition
from registry.journal import Journal
from registry.principal import Principal


class Past:
    """Reads the past.

    Args:
        journal: says what was.
        copies: of the store, as it was.
    """

    def __init__(self, journal: Journal, copies: PastCopies) -> None:
        self._journal = journal
        self._timeline = Timeline(journal)
        self._copies = copies

    def get(self, edition: Edition, principal: Principal, device_id: str, moment: str) -> Device:
        """Return one device as it was at `moment`.

        Raises:
            NotFound: it was not there then, or not for this principal.
            Gone: nothing is known of that moment.
        """
        require_kept(self._journal, moment)
        iri, graph = device_iri(device_id), view(principal)
        found: Device | None = None
        if iri is not None and graph is not None:
            # first what is there, then what was changed since: what comes between is among the latter, too
            found = next(iter(edition.reader.read(dataset(principal), [iri])), None)
            former = self._timeline.former(id_of(iri), moment, self._timeline.cut(moment))
            if former is not None:
                found = device_in_view(edition.profile, former.state, iri, graph)
        if found is None:
            raise NotFound("There was no such device then.")
        return found

    def page(self, edition: Edition, principal: Principal, listing: Listing, moment: str) -> Page:
        """Return one page of the devices that were in view at `moment` and met the listing's criteria.

        Raises:
            Gone: nothing is known of that moment.
            BadRequest: too much has changed since.
        """
        require_kept(self._journal, moment)
        graph = view(principal)
        if graph is None:
            return edition.reader.page(principal, listing)
        with self._copies.at(edition, moment, graph) as reader:
            return reader.page(principal, listing)
