"""The numbers of a registry, as Prometheus reads them."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from registry.monitoring import Metrics


def numbers(metrics: Metrics) -> dict[str, float]:
    """Return each sample as it is written, without its value -> the value."""
    body, _ = metrics.exposition("")
    found = {}
    for family in text_string_to_metric_families(body.decode()):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found
