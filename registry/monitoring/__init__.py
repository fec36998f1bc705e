"""Watching the registry: numbers for Prometheus. What is watched knows nothing of it and calls plain functions."""

from registry.monitoring.metrics import Metrics

__all__ = ["Metrics"]
