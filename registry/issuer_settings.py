"""The settings of one OpenID provider, and the kinds of values that all settings are made of.

What an issuer may grant is bound here, by configuration, and never by what its tokens say.
Keys, discovery and tokens themselves are registry.tokens' business.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from registry.principal import ROLE_NAMES, Role
from registry.tokens.issuer import ALGORITHMS, Issuer


def is_loopback(host: str | None) -> bool:
    """Tell whether `host` can only be this machine."""
    if not host:
        return False
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def url(text: str) -> str:
    """Return `text` if it is an http(s) URL that further paths can be appended to."""
    if urlsplit(_http(text)).query:
        raise ValueError("it must have no query")
    return text


def _http(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.port == 0:
        raise ValueError("this is no http(s) URL")
    if parts.fragment or "@" in parts.netloc:
        raise ValueError("it must have no user and no fragment")
    return text


def _secure(text: str) -> str:
    parts = urlsplit(_http(text))
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("plain http is for loopback hosts only, use https")
    return text


def _algorithm(name: str) -> str:
    if name == "none" or name.startswith("HS"):
        raise ValueError("tokens without a signature or with a shared secret are never accepted")
    if name not in ALGORITHMS:
        raise ValueError(f"this is none of {', '.join(ALGORITHMS)}")
    return name


def _role(name: object) -> object:
    return ROLE_NAMES.get(name.lower(), name) if isinstance(name, str) else name


def _no_flag(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("true and false are no numbers")
    return value


Number: TypeAlias = Annotated[int, BeforeValidator(_no_flag)]
Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=2048)]
ProviderUrl: TypeAlias = Annotated[Text, AfterValidator(_secure)]


class Section(BaseModel):
    """A table of settings: it can't change, and takes no key that it doesn't know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class IssuerSettings(Section):
    """One OpenID provider, and what its tokens may say at most."""

    issuer: Annotated[ProviderUrl, AfterValidator(url)] = Field(description="the `iss` of its tokens, an https URL")
    audience: Text = Field(description="the `aud` that its tokens carry for this registry")
    jwks_uri: ProviderUrl | None = Field(None, description="the https URL of its keys, if discovery has none")
    roles: tuple[Annotated[Role, BeforeValidator(_role)], ...] = Field(
        min_length=1, description=f"a list of {', '.join(Role)}"
    )
    aggregator_id: str = Field(
        default_factory=lambda data: urlsplit(data["issuer"]).hostname or "",
        validate_default=True,
        min_length=3,
        max_length=256,
        description="the aggregator whose devices its tokens reach, 3 to 256 characters",
    )
    role_claim: Text = Field("role", description="the claim with the role or roles, dotted to reach inside")
    account_claim: Text = Field("sub", description="the claim with a prosumer's account, dotted to reach inside")
    algorithms: tuple[Annotated[str, AfterValidator(_algorithm)], ...] = Field(
        ("RS256", "PS256", "ES256", "EdDSA"), min_length=1, description="a list of asymmetric signature algorithms"
    )
    leeway: Number = Field(30, ge=0, le=300, description="seconds of clock skew, from 0 to 300")

    def to_issuer(self) -> Issuer:
        """Return what the verification of tokens works with."""
        return Issuer(**{name: getattr(self, name) for name in type(self).model_fields})
