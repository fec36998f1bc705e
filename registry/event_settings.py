"""The settings of change events: streams that are listened to, and webhooks that are called."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from registry.issuer_settings import Number, Section
from registry.origins import Origins


class EventSettings(Section):
    """Streams of events."""

    heartbeat: Number = Field(15, ge=1, le=600, description="seconds from 1 to 600")
    retry: Number = Field(3000, ge=100, le=600_000, description="milliseconds from 100 to 600000")
    listeners: Number = Field(1000, ge=1, le=20_000, description="a number of streams from 1 to 20000")
    listeners_each: Number = Field(20, ge=1, le=20_000, description="a number of streams from 1 to 20000")


def _named(origins: tuple[str, ...]) -> tuple[str, ...]:
    if "*" in origins:
        raise ValueError("the origins to call must be named one by one")
    return origins


class WebhookSettings(Section):
    """Webhooks: whom the registry may call, and how long it tries."""

    allowed_origins: Annotated[Origins, AfterValidator(_named)] = Field(
        (), description="a list of origins: scheme, host and port, in lower case, without a path"
    )
    timeout: Number = Field(10, ge=1, le=120, description="seconds from 1 to 120")
    suspend_after: Number = Field(5, ge=1, le=365, description="days from 1 to 365")
    threads: Number = Field(4, ge=1, le=64, description="a number of threads from 1 to 64")
    subscriptions_each: Number = Field(20, ge=1, le=1000, description="a number of webhooks from 1 to 1000")
