"""The profile: what the Turtle says, compiled into fields. Knows no store and no HTTP."""

from registry.profile.compilation import compile_profile, load_profile
from registry.profile.field import Field
from registry.profile.profile import Profile, ProfileError

__all__ = ["Field", "Profile", "ProfileError", "compile_profile", "load_profile"]
