"""docs/monitoring.md names every metric that there is, and no other, and alerts about these alone."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from stand import Stand

DOCUMENT = (Path(__file__).parents[2] / "docs" / "monitoring.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| `(der_registry_\w+)` \| (\w+) \| ([\w, ]*)\|", re.MULTILINE)
_SERIES = re.compile(r"_(count|sum|bucket)$")


def shown(stand: Stand) -> dict[str, str]:
    """Return the metrics of a registry: name -> type."""
    families = text_string_to_metric_families(stand.get("/metrics").text)
    named = (family for family in families if family.name.startswith("der_registry_"))
    found = {family.name: family.type for family in named if not family.name.endswith("_created")}
    return {f"{name}_total" if kind == "counter" else name: kind for name, kind in found.items()}


def test_the_table_has_every_metric_with_its_type(stand: Stand) -> None:
    assert {name: kind for name, kind, _ in _ROW.findall(DOCUMENT)} == shown(stand)


def test_alerts_are_about_metrics_that_there_are(stand: Stand) -> None:
    named = set(re.findall(r"der_registry_\w+", DOCUMENT.partition("### Alerts")[2].partition("## Traces")[0]))
    assert len(named) > 7
    assert {_SERIES.sub("", name) for name in named} <= set(shown(stand))


def test_the_table_has_the_labels_of_each_histogram_and_counter(stand: Stand) -> None:
    stand.get("/1/devices").close()
    stand.call("POST", "/sparql", data="ASK {", content_type="application/sparql-query").close()
    labels = {name: set(filter(None, text.replace(" ", "").split(","))) for name, _, text in _ROW.findall(DOCUMENT)}
    seen = 0
    for family in text_string_to_metric_families(stand.get("/metrics").text):
        for sample in family.samples:
            name = _SERIES.sub("", sample.name)
            if name in labels:
                seen += 1
                assert set(sample.labels) - {"le"} == labels[name], name
    assert seen > len(labels) / 2
