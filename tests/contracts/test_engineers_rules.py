"""A rule that a knowledge engineer adds to the model, with its message, is asked as soon as the model is published."""

from __future__ import annotations

from pathlib import Path

import pytest
from agreements import asset, codes, contract, name, put, validate
from candidates import candidate, next_version
from rdflib import Graph
from stand import SERVICE, running_stand

from registry.contracts.rules import contract_rules
from registry.errors import BadRequest, ModelRefused
from registry.profile import compile_profile, load_profile

RULE = """
flexsh:KnownAssetShape sh:property flexsh:asset_ramp .
flexsh:asset_ramp a sh:PropertyShape ;
    sh:path ( flex:asset flex:rampUpTime ) ;
    sh:name "quick enough"@en ;
    sh:description "The device must give its power within five minutes."@en ;
    sh:message "It takes {?value} s, more than 300."@en, "Es braucht {?value} s, mehr als 300."@de ;
    sh:order 130 ;
    sh:group flexsh:group_contract_devices ;
    sh:maxInclusive 300.0e0 ;
    api:reason "too-slow" .

flexsh:LongContractShape a sh:NodeShape ;
    rdfs:label "long contract"@en ;
    sh:targetClass flex:Contract ;
    sh:or (
        [ sh:not [ sh:path flex:contractType ; sh:hasValue flex:BalancingContract ] ]
        [ sh:path flex:maximumPower ; sh:minInclusive 5.0e0 ]
    ) ;
    sh:message "Balancing needs 5 kW at least."@en ;
    api:reason "too-small-for-balancing" .
"""
STATUS = """
flexsh:KnownAssetShape sh:property flexsh:asset_mode .
flexsh:asset_mode a sh:PropertyShape ;
    sh:path ( flex:asset flex:status flex:mode ) ;
    sh:name "mode"@en ;
    sh:description "The device must not be in mode 5."@en ;
    sh:message "The device is in mode {?value}."@en ;
    sh:order 131 ;
    sh:group flexsh:group_contract_devices ;
    sh:not [ sh:in ( flex:Mode5 ) ] ;
    api:reason "wrong-mode" .
"""


def test_a_new_rule_works_after_it_is_published_with_its_message(tmp_path: Path) -> None:
    with running_stand(tmp_path) as stand:
        slow = asset(1, ramp_up_time=301, status={"mode": "5"})
        stand.add(slow, asset(2, ramp_up_time=300, status={"mode": "4"}), asset(3))
        wanted = contract(assets=[name(1), name(2), name(3)], type="balancing", account_id=slow["account_id"])
        assert codes(validate(stand, wanted).json) == set()
        publisher = stand.components.publisher
        assert publisher.publish(candidate(next_version("major"), shapes=RULE + STATUS), "tests").published
        found = validate(stand, wanted, SERVICE, **{"Accept-Language": "de"}).json
        assert found is not None
        reasons = [{reason["code"]: reason["message"] for reason in each["reasons"]} for each in found["devices"]]
        assert reasons == [
            {"too-slow": "Es braucht 301 s, mehr als 300.", "wrong-mode": "The device is in mode 5."},
            {},
            {},
        ]
        assert [reason["code"] for reason in found["reasons"]] == ["too-small-for-balancing"]
        refused = put(stand, wanted)
        assert refused.status_code == 422
        assert "too-slow" in (refused.json or {})["_error"]["message"]
        assert put(stand, contract(assets=[name(2)])).status_code == 201


@pytest.mark.parametrize(
    "wrong", ["sh:pattern 5", 'sh:minLength "short"', "sh:lessThan flex:firstDay ; sh:maxCount -1.5"]
)
def test_a_rule_that_can_not_be_asked_is_refused_before_it_is_in_force(tmp_path: Path, wrong: str) -> None:
    text = RULE.replace("sh:maxInclusive 300.0e0", wrong)
    assert text != RULE
    with running_stand(tmp_path) as stand:
        with pytest.raises((ModelRefused, BadRequest)):
            stand.components.publisher.publish(candidate(next_version("major"), shapes=text), "tests")
        stand.add(asset(1))
        assert put(stand, contract()).status_code == 201


def test_a_rule_that_is_deactivated_is_not_asked() -> None:
    profile = load_profile()
    shapes = Graph().parse(data=profile.shapes.serialize(format="nt"), format="nt")
    before = {rule.code for rule in contract_rules(profile).rules}
    shapes.update(
        "PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX flexsh: <https://w3id.org/flexcoop/shapes#> "
        "INSERT DATA { flexsh:asset_fit sh:deactivated true . flexsh:AssetInServiceShape sh:deactivated true }"
    )
    after = {rule.code for rule in contract_rules(compile_profile(profile.ontology, shapes)).rules}
    assert before - after == {"unfit-class", "decommissioned"}


def test_a_model_without_contracts_refuses_no_contract_by_rules() -> None:
    smallest = Graph().parse(Path(__file__).parents[1] / "profile" / "model.ttl")
    assert contract_rules(compile_profile(smallest, smallest)).rules == ()


@pytest.mark.parametrize("rule", contract_rules(load_profile()).rules, ids=lambda rule: rule.shape.rpartition("#")[2])
def test_a_rule_depends_on_what_it_mentions(rule: object) -> None:
    assert rule.mentions  # type: ignore[attr-defined]
    assert not rule.opaque  # type: ignore[attr-defined]
