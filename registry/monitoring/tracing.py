"""Whether and where spans go. OpenTelemetry is loaded when it is asked for, and not before."""

from __future__ import annotations

from registry.monitoring_settings import TracingSection
from registry.spans import Tracer

EXTRA = "flexcoop-der-registry[tracing]"


class TracingUnavailable(Exception):
    """Traces are asked for, but can't be made; the message says what to install."""


def tracer_of(settings: TracingSection) -> Tracer | None:
    """Return the tracer that the settings ask for, None if they ask for none.

    Raises:
        TracingUnavailable: OpenTelemetry is not installed.
    """
    if settings.endpoint is None:
        return None
    try:
        from registry.monitoring.open_telemetry import OpenTelemetryTracer  # noqa: PLC0415  costs nothing when off
    except ImportError as error:
        raise TracingUnavailable(
            f"tracing.endpoint is set, but OpenTelemetry is not installed ({error.name}): install {EXTRA}, or leave "
            "the setting out"
        ) from error
    return OpenTelemetryTracer(settings.endpoint, settings.service_name)
