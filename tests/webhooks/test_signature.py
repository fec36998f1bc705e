"""Signatures are those of Standard Webhooks: by its example, and by its library."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from registry.errors import BadRequest
from registry.webhooks.signature import check_secret, new_secret, sign


def test_the_known_example_has_its_signature() -> None:
    signature = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(
    st.text(st.characters(codec="ascii", exclude_characters="."), min_size=1), st.text(), st.integers(0, 4_000_000_000)
)
def test_the_library_signs_the_same(identifier: str, text: str, timestamp: int) -> None:
    secret, body = new_secret(), text.encode(errors="replace")
    moment = datetime.fromtimestamp(timestamp, UTC)
    assert sign(secret, identifier, timestamp, body) == Webhook(secret).sign(identifier, moment, body.decode())


def test_new_secrets_are_secrets_and_differ() -> None:
    made = {new_secret() for _ in range(20)}
    assert len(made) == 20
    assert {check_secret(each) for each in made} == made


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!", "x" * 40, f"whsec_{'QUJD' * 30}"])
def test_what_is_no_secret_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="secret must be whsec_"):
        check_secret(text)
