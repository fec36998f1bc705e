"""What changed between two versions of the model, in words, and what that does to clients. Knows no store, no HTTP."""

from registry.model_diff.change import Change, Impact, Sort, Verdict
from registry.model_diff.comparison import ModelDiff, compare
from registry.model_diff.model import Model, ModelError, ModelGraphs, read_model
from registry.model_diff.versions import VersionStep

__all__ = [
    "Change",
    "Impact",
    "Model",
    "ModelDiff",
    "ModelError",
    "ModelGraphs",
    "Sort",
    "Verdict",
    "VersionStep",
    "compare",
    "read_model",
]
