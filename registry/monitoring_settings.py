"""The settings of what watches the registry: who may read its metrics, and where traces go."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from registry.issuer_settings import Section, Text, url


class Access(StrEnum):
    """Who may read the metrics."""

    SERVICE = "service"
    OPEN = "open"
    OFF = "off"


class MetricsSection(Section):
    """Numbers for Prometheus."""

    access: Access = Field(Access.SERVICE, description="service, open or off")


class TracingSection(Section):
    """Traces by OpenTelemetry."""

    endpoint: Annotated[Text, AfterValidator(url)] | None = Field(
        None, description="the http(s) URL of a receiver of OTLP over HTTP"
    )
    service_name: Text | None = Field(None, description="a name")
