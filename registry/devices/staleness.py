"""Which devices have been silent for longer than their class allows, as criteria of a listing.

sparql/queries/stale_devices.rq asks the same in SPARQL.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from registry.devices.criteria import NEVER, All, Among, AnyOf, Comparison, Criteria, Not, Operator
from registry.principal import Role
from registry.profile import Profile
from registry.profile.codecs import written
from sparql.terms import Iri


def tells_staleness(profile: Profile, role: Role) -> bool:
    """Tell whether a role sees the field that says when a device was last heard of."""
    field = profile.stamped_field
    return field is not None and role in field.visible_to


def staleness(profile: Profile, now: datetime) -> Criteria:
    """Return the criteria of the devices that are stale at a moment, whole seconds of it.

    A device that was never heard of is stale if its class has a limit; without one, no device is.
    """
    field, kind = profile.stamped_field, profile.class_field
    if field is None or kind is None:
        return NEVER
    parts = []
    for limit, classes in _by_limit(profile).items():
        since = written(now.replace(microsecond=0) - limit)
        heard_of = Comparison(field, Operator.GREATER_OR_EQUAL, since)
        parts.append(All((Among(kind, tuple(sorted(classes))), Not(heard_of))))
    return AnyOf(tuple(parts))


def _by_limit(profile: Profile) -> dict[timedelta, list[Iri]]:
    found: defaultdict[timedelta, list[Iri]] = defaultdict(list)
    for name, limit in profile.stale_after.items():
        found[limit].append(name)
    return dict(sorted(found.items()))
