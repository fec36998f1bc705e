"""What a field must be for the registry to set it when a device reports (api:stampedBy)."""

from __future__ import annotations

from registry.profile.field import Field
from registry.profile.profile import Profile, ProfileError


def check_stamps(profile: Profile) -> None:
    """Refuse stamps that could not be set, or of which it could not be told which one counts.

    Raises:
        ProfileError: the message names the field.
    """
    stamped = [field for field in profile.fields.values() if field.stamped_by]
    if len(stamped) > 1:
        names = ", ".join(field.name for field in stamped)
        raise ProfileError(f"{names} have api:stampedBy; one field at most tells when a device was last heard of")
    for field in stamped:
        _check(profile, field)


def _check(profile: Profile, field: Field) -> None:
    if field.codec.kind != "datetime" or field.multiple or len(field.path) > 1 or field.is_record:
        raise ProfileError(
            f"{field.name} has api:stampedBy, so it must be one xsd:dateTime of the device itself, and none that the "
            f"registry writes at every change"
        )
    for link in sorted(field.stamped_by - set(profile.objects.values())):
        known = ", ".join(profile.objects) or "none"
        raise ProfileError(
            f"{field.name} has api:stampedBy <{link}>, which leads to no nested object; those are: {known}"
        )
