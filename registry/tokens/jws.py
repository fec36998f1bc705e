"""A token as a JSON Web Signature: its parts before anything is trusted, and the check of its signature.

RFC 7515 and 7519, with the advice of RFC 8725. What the claims mean is not looked at here. Keys named inside a token
(jwk, jku, x5c, x5u) are never used.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwa import JWS_ALGORITHMS, JWSAlgModel
from joserfc.jwk import Key
from joserfc.util import urlsafe_b64decode

from registry.tokens.bearer import invalid_token
from registry.tokens.issuer import ALGORITHMS

MAX_CHARACTERS = 16 * 1024
TYPES = ("at+jwt", "jwt")
"""Media types of an access token, less `application/` (RFC 9068, section 2.1; plain JWT from other providers)."""

_MODELS: dict[str, JWSAlgModel] = {model.name: model for model in JWS_ALGORITHMS if model.name in ALGORITHMS}


class _Registry(jws.JWSRegistry):
    """The algorithms of `ALGORITHMS`, without joserfc's warning that EdDSA should now be called Ed25519."""

    max_header_length = 8 * 1024
    max_signature_length = 2 * 1024

    def get_alg(self, name: str) -> JWSAlgModel:
        return _MODELS[name]


_REGISTRY = _Registry(strict_check_header=False)  # RFC 7515, section 4: unknown parameters "MUST be ignored"


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """What a token says before its signature is checked.

    Attributes:
        text: the token.
        header: its JOSE header.
        claims: its payload.
    """

    text: str
    header: dict[str, Any]
    claims: dict[str, Any]

    @property
    def kid(self) -> str | None:
        """The key that the token says it is signed with, None when it does not say.

        Raises:
            Unauthorized: it is no string.
        """
        kid = self.header.get("kid")
        if kid is not None and not isinstance(kid, str):
            raise invalid_token("The token's kid is no string.")
        return kid

    def algorithm(self, allowed: tuple[str, ...]) -> JWSAlgModel:
        """Return the token's signature algorithm.

        Raises:
            Unauthorized: it is none of `allowed`.
        """
        name = self.header.get("alg")
        if not isinstance(name, str) or name not in allowed or name not in _MODELS:
            raise invalid_token(f"The token's alg is not accepted, it has to be one of {', '.join(allowed)}.")
        return _MODELS[name]

    def check_signature(self, key: Key) -> None:
        """Check the signature by `key`, which suits the algorithm.

        Raises:
            Unauthorized: it does not verify.
        """
        try:
            jws.deserialize_compact(self.text, key, registry=_REGISTRY)
        except (JoseError, ValueError):
            raise invalid_token("The token's signature does not verify.") from None


def parse(text: str) -> UnverifiedToken:
    """Take a token apart, refusing all that is not a plain signed JWT.

    Raises:
        Unauthorized: too long, encrypted, nested, detached, with critical extensions, of another type, or garbage.
    """
    if len(text) > MAX_CHARACTERS:
        raise invalid_token(f"The token has more than {MAX_CHARACTERS} characters.")
    segments = text.split(".") if text.isascii() else []
    if len(segments) == 5:
        raise invalid_token("The token is encrypted, only signed ones are accepted.")
    if len(segments) != 3:
        raise invalid_token("This is no JSON Web Token: it does not have three parts.")
    header = _json_object(segments[0], "header")
    _check_header(header)
    return UnverifiedToken(text, header, _json_object(segments[1], "payload"))


def _check_header(header: dict[str, Any]) -> None:
    if "crit" in header or "b64" in header:
        raise invalid_token("The token's header has critical extensions, none is understood here.")
    if "enc" in header or "cty" in header:
        raise invalid_token("The token is encrypted or nested, only plain signed ones are accepted.")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in TYPES:
        raise invalid_token("The token's typ is not that of an access token, at+jwt or JWT.")


def _json_object(segment: str, name: str) -> dict[str, Any]:
    try:
        value = json.loads(urlsafe_b64decode(segment.encode("ascii")), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise invalid_token(f"The token's {name} is no JSON in base64url.") from None
    if not isinstance(value, dict):
        raise invalid_token(f"The token's {name} is no JSON object.")
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
