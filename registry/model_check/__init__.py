"""Is a model, a folder of ontology and shapes, sound? Knows no store of devices, no HTTP and no command line."""

from registry.model_check.checking import check_model
from registry.model_check.findings import Finding, Report, Severity

__all__ = ["Finding", "Report", "Severity", "check_model"]
