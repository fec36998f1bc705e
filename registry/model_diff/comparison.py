"""Compares two models: the door of this package. It reads no files and prints nothing."""

from __future__ import annotations

from dataclasses import dataclass

from rdflib import Graph

from registry.model_diff.change import Change, Impact, Sort, worst
from registry.model_diff.entries import Entries
from registry.model_diff.inventory import Inventory
from registry.model_diff.matching import pairs, renamed_terms, substituted
from registry.model_diff.model import ModelGraphs
from registry.model_diff.versions import VersionStep, version_steps
from registry.model_diff.wording import Wording, prefixes_of


@dataclass(frozen=True, kw_only=True)
class ModelDiff:
    """What changed between two models.

    Attributes:
        changes: what changed, the worst first.
        versions: for each ontology that states a version: which one, and which the changes ask for.
    """

    changes: tuple[Change, ...]
    versions: tuple[VersionStep, ...]

    @property
    def impact(self) -> Impact:
        """The worst impact of all changes."""
        return worst([change.impact for change in self.changes])

    @property
    def is_admitted(self) -> bool:
        """Whether nothing breaks, or the versions that the new model states say that something does."""
        broken = [step for step in self.versions if step.impact is Impact.BREAKING]
        return self.impact is not Impact.BREAKING or (bool(broken) and all(step.is_admitted for step in broken))


def compare(old: ModelGraphs, new: ModelGraphs) -> ModelDiff:
    """Return what changed from `old` to `new`, in words and by its impact.

    Neither needs to compile. Files, order, prefixes and the labels of blank nodes make no difference.
    """
    was, after = Inventory(_whole(old)), Inventory(_whole(new))
    names = renamed_terms(was, after)
    before = Inventory(substituted(was.graph, names)) if names else was
    wording = Wording(before, after, prefixes_of(new.ontology, new.shapes, old.ontology, old.shapes))
    entries = Entries(before, after, wording, {str(name): old_name for old_name, name in names.items()})
    changes = tuple(sorted({change for pair in pairs(before, after) for change in entries.of(pair)}, key=_order))
    return ModelDiff(changes=changes, versions=version_steps(before, after, changes))


def _whole(model: ModelGraphs) -> Graph:
    graph = Graph(bind_namespaces="none")
    for part in (model.ontology, model.shapes):
        for triple in part:
            graph.add(triple)
    return graph


def _order(change: Change) -> tuple[int, int, str, str, str, str, str]:
    place = list(Impact).index(change.impact), list(Sort).index(change.sort)
    return (*place, change.subject, change.kind, change.old or "", change.new or "", change.what)
