"""Candidates for the model in force: the shipped model with a few edits of its Turtle."""

from __future__ import annotations

import re

from registry.profile import load_profile
from registry.publishing.founding import shipped_files
from registry.publishing.model_files import ModelFiles
from registry.publishing.versions import version_of

ONTOLOGY, SHAPES = "ontology/flexcoop.ttl", "shapes/device.ttl"
SHIPPED_VERSION = version_of(load_profile())
_VERSION = re.compile(r'(owl:versionIRI <[^>]*/)[^/>]+(> ;\s*owl:versionInfo ")[^"]+(")')

NOISE = """
flex:noise a owl:DatatypeProperty ;
    rdfs:label "noise"@en ;
    skos:definition "How loud the device is at most."@en ;
    rdfs:domain flex:Device ;
    rdfs:range xsd:double ;
    qudt:hasUnit unit:DeciB .
"""
NOISE_SHAPE = """
flexsh:DeviceShape sh:property flexsh:noise .
flexsh:noise a sh:PropertyShape ;
    sh:path flex:noise ;
    sh:name "noise"@en ;
    sh:description "How loud the device is at most."@en ;
    sh:message "noise must be a number of 0 to 120 dB."@en ;
    sh:order 60 ;
    sh:group flexsh:group_nameplate ;
    sh:maxCount 1 ;
    sh:datatype xsd:double ;
    sh:minInclusive 0.0e0 ;
    sh:maxInclusive 120.0e0 ;
    api:field "noise" ;
    api:visibleTo "aggregator", "service" ;
    api:writableBy "aggregator", "service" .
"""
COMFORT = """
flex:Comfort a owl:Class ;
    rdfs:label "comfort load"@en ;
    skos:definition "A load that makes people feel well."@en .
flex:HeatPump rdfs:subClassOf flex:Comfort .
"""
SAUNA = """
flex:Sauna a owl:Class ;
    rdfs:label "sauna"@en ;
    skos:definition "A heated room."@en ;
    rdfs:subClassOf flex:FlexibleLoad ;
    skos:notation "sauna" .
"""
GREATEST_POWER = """
flex:greatestPower a owl:DatatypeProperty ;
    rdfs:label "greatest power"@en ;
    skos:definition "The most power that the device takes or gives."@en ;
    rdfs:domain flex:Device ;
    rdfs:range xsd:double ;
    qudt:hasUnit unit:KiloW .
"""
ACROSS = """
flexsh:DeviceShape sh:property flexsh:available_within_max .
flexsh:available_within_max a sh:PropertyShape ;
    sh:path flex:availableCapacity ;
    sh:name "available capacity within the maximum"@en ;
    sh:description "Nobody can offer more than there is."@en ;
    sh:message "available_capacity must not exceed max_capacity."@en, "available_capacity ist zu groß."@de ;
    sh:order 61 ;
    sh:group flexsh:group_power ;
    sh:lessThanOrEquals flex:maxCapacity .
"""


def next_version(part: str = "minor", after: str = SHIPPED_VERSION) -> str:
    """Return the next major, minor or patch version."""
    major, minor, patch = map(int, after.split("."))
    following = {
        "major": (major + 1, 0, 0),
        "minor": (major, minor + 1, 0),
        "patch": (major, minor, patch + 1),
    }
    return ".".join(map(str, following[part]))


def candidate(
    version: str,
    *,
    ontology: str = "",
    shapes: str = "",
    edits: tuple[tuple[str, str], ...] = (),
    migrations: tuple[str, ...] = (),
    of: ModelFiles | None = None,
) -> ModelFiles:
    """Return the shipped model, or another one, with changes.

    Args:
        version: what both the ontology and the shapes state.
        ontology: Turtle to add to the ontology.
        shapes: Turtle to add to the shapes.
        edits: texts to replace, each of which must be there.
        migrations: SPARQL Updates; they begin with the prefix flex: and WITH the graph of devices.
        of: what to begin with.
    """
    content = {path: data.decode() for path, data in (of or shipped_files()).model.items()}
    content[ONTOLOGY] += ontology
    content[SHAPES] += shapes
    for path in (ONTOLOGY, SHAPES):
        content[path], count = _VERSION.subn(rf"\g<1>{version}\g<2>{version}\g<3>", content[path])
        assert count == 1, path
    for old, new in edits:
        holding = [path for path, text in content.items() if old in text]
        assert holding, f"nothing holds {old!r}"
        for path in holding:
            content[path] = content[path].replace(old, new)
    for number, text in enumerate(migrations, 1):
        content[f"migrations/{number:03}.ru"] = f"{MIGRATION}{text}"
    return ModelFiles({path: text.encode() for path, text in content.items()})


MIGRATION = "PREFIX flex: <https://w3id.org/flexcoop/cim#>\nWITH <https://w3id.org/flexcoop/graph/devices>\n"
