"""The settings of what watches the registry: who may read its metrics, and where traces go."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from registry.issuer_settings import Section


class Access(StrEnum):
    """Who may read the metrics."""

    SERVICE = "service"
    OPEN = "open"
    OFF = "off"


class MetricsSection(Section):
    """Numbers for Prometheus."""

    access: Access = Field(Access.SERVICE, description="service, open or off")
