"""What of the journal a principal may see: the read policy of `registry.access`, said of recorded states.

The model in force says what a role sees, also of a state from another time: what is hidden now is hidden in the past.
"""

from __future__ import annotations

from registry.access import MODIFIED_FOR, account_graph, aggregator_graph, view
from registry.devices.documents import ABSENT, Document, put, value_at
from registry.journal.entry import State
from registry.journal.state import SEEN, local_name
from registry.principal import Principal, Role
from registry.profile import Profile
from sparql.terms import Iri


class Sight:
    """What one principal sees of recorded states by one profile. It holds for all who share the principal's view.

    Args:
        profile: the profile in force.
        principal: who looks.
    """

    def __init__(self, profile: Profile, principal: Principal) -> None:
        self.view = view(principal)
        self._role = principal.role
        self._fields = [item.names for item in profile.visible(principal.role)]
        shared = profile.shared_links(principal.role)
        objects = {item.names[0] for item in profile.visible(principal.role) if len(item.names) > 1}
        self._whole = {name for name in objects if profile.objects[name] not in shared}
        predicate = MODIFIED_FOR.get(principal.role)
        self._own_time = local_name(predicate) if predicate else None

    def of(self, state: State | None) -> Document | None:
        """Return the document of a device in this state; None if it is not in view."""
        if state is None or not self._in_view(state):
            return None
        document: Document = {}
        for names in self._fields:
            if names[0] in self._whole and isinstance(state.get(names[0]), dict):
                document.setdefault(names[0], {})
            value = value_at(state, names)
            if value is not ABSENT:
                put(document, names, value)
        own = state.get(SEEN, {}).get(self._own_time)
        return {**document, "_updated": own} if own else document

    def _in_view(self, state: State) -> bool:
        if self.view is None:
            return False
        if self._role is Role.SERVICE:
            return True
        aggregator = state.get("aggregator_id", "")
        graphs: tuple[Iri, ...] = (aggregator_graph(aggregator), account_graph(aggregator, state.get("account_id", "")))
        return self.view in graphs
