"""Settings: where they come from, which one wins, and what stops the start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from registry.monitoring_settings import Access, MetricsSection, TracingSection
from registry.principal import Role
from registry.settings import (
    EventSettings,
    IssuerSettings,
    JournalSettings,
    QuerySettings,
    SandboxSection,
    ServerSettings,
    Settings,
    SettingsError,
    StoreSettings,
    WebhookSettings,
    is_loopback,
    load_settings,
    setting_names,
)
from sparql.query_engine import Limits

QUERY_NUMBERS = [f"{role}_{what}" for role in Role for what in ("seconds", "rows", "bytes")]
DOCUMENTATION = Path(__file__).parents[1] / "docs" / "configuration.md"
ISSUER: dict[str, Any] = {"issuer": "https://login.coop-a.example", "audience": "registry", "roles": ["aggregator"]}


def write(folder: Path, text: str) -> Path:
    path = folder / "registry.toml"
    path.write_text(text, encoding="utf-8")
    return path


def issuers(*changes: dict[str, Any]) -> dict[str, str]:
    return {"DER_ISSUERS": json.dumps([ISSUER | change for change in changes])}


def refusal(environ: dict[str, str], config: Path | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(config, environ=environ)
    return str(caught.value)


def test_there_are_defaults_for_everything() -> None:
    assert load_settings(None, environ={}) == Settings()
    assert (Settings().server.host, Settings().server.port, Settings().issuers) == ("127.0.0.1", 8080, ())


def test_each_source_stands_above_the_one_below(tmp_path: Path) -> None:
    config = write(tmp_path, "[server]\nhost = '::1'\nport = 1000\nthreads = 2\n")
    settings = load_settings(
        config,
        environ={"DER_SERVER_PORT": "2000", "DER_SERVER_THREADS": "3", "HOME": "/"},
        overrides={"server.threads": 5, "store.path": None},
    )
    assert settings.server == ServerSettings(host="::1", port=2000, threads=5)
    assert settings.store == StoreSettings(path=Path("data"))


def test_every_single_setting_can_be_given_as_a_variable() -> None:
    values = {
        "server.host": "localhost",
        "server.port": "81",
        "server.base_url": "https://registry.example",
        "server.max_body": "2048",
        "server.threads": "7",
        "server.cors_origins": "https://a.example, http://[::1]:3000",
        "store.path": "elsewhere",
        "journal.retention_days": "400",
        **{f"sparql.{key}": str(2000 + number) for number, key in enumerate(QUERY_NUMBERS)},
        **{f"sparql.{role}_running": str(number) for number, role in enumerate(Role, 30)},
        "sandbox.workers": "9",
        "sandbox.memory": "1000000000",
        "sandbox.nice": "0",
        "sandbox.most_running": "99",
        "events.heartbeat": "20",
        "events.retry": "5000",
        "events.listeners": "500",
        "events.listeners_each": "5",
        "webhooks.allowed_origins": "https://a.example http://[::1]:3000",
        "webhooks.timeout": "3",
        "webhooks.suspend_after": "2",
        "webhooks.threads": "8",
        "webhooks.subscriptions_each": "7",
        "metrics.access": "open",
        "tracing.endpoint": "http://collector.example:4318",
        "tracing.service_name": "registry-of-girona",
        "issuers": json.dumps([ISSUER]),
    }
    names = setting_names()
    assert set(values) == set(names)
    settings = load_settings(None, environ={names[name]: value for name, value in values.items()})
    assert settings.server == ServerSettings(
        host="localhost",
        port=81,
        base_url="https://registry.example",
        max_body=2048,
        threads=7,
        cors_origins=("https://a.example", "http://[::1]:3000"),
    )
    assert [getattr(settings.sparql, key) for key in QUERY_NUMBERS] == list(range(2000, 2000 + len(QUERY_NUMBERS)))
    assert [settings.sparql.most_running(role) for role in Role] == [30, 31, 32, 33]
    assert settings.sandbox == SandboxSection(workers=9, memory=10**9, nice=0, most_running=99)
    assert settings.events == EventSettings(heartbeat=20, retry=5000, listeners=500, listeners_each=5)
    assert settings.webhooks == WebhookSettings(
        allowed_origins=("https://a.example", "http://[::1]:3000"),
        timeout=3,
        suspend_after=2,
        threads=8,
        subscriptions_each=7,
    )
    assert settings.store.path == Path("elsewhere")
    assert settings.journal.retention_days == 400
    assert settings.metrics == MetricsSection(access=Access.OPEN)
    tracing = TracingSection(endpoint="http://collector.example:4318", service_name="registry-of-girona")
    assert settings.tracing == tracing
    assert [each.issuer for each in settings.issuers] == [ISSUER["issuer"]]


def test_an_empty_variable_counts_as_not_set() -> None:
    assert load_settings(None, environ={"DER_STORE_PATH": ""}) == Settings()


def test_settings_can_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(Settings().server, "port", 1)  # noqa: B010  types forbid it too


def test_a_file_may_start_with_a_byte_order_mark(tmp_path: Path) -> None:
    config = tmp_path / "registry.toml"
    config.write_bytes(b"\xef\xbb\xbf[server]\nport = 99\n")
    assert load_settings(config, environ={}).server.port == 99


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("DER_SERVER_PORT", "99999", "a TCP port from 1 to 65535"),
        ("DER_SERVER_PORT", "0", "a TCP port from 1 to 65535"),
        ("DER_SERVER_PORT", "http", "a TCP port from 1 to 65535"),
        ("DER_SERVER_THREADS", "0", "a number of threads from 1 to 64"),
        ("DER_SERVER_MAX_BODY", "1e6", "bytes of a body"),
        ("DER_SERVER_BASE_URL", "registry.example", "this is no http(s) URL"),
        ("DER_SERVER_BASE_URL", "https://registry.example/?a=b", "it must have no query"),
        ("DER_SERVER_CORS_ORIGINS", "https://a.example/path", "this is no origin"),
        ("DER_SERVER_CORS_ORIGINS", "https://a.example app.example", "a list of origins"),
        ("DER_SPARQL_PROSUMER_SECONDS", "0", "seconds from 1 to 3600"),
        ("DER_SPARQL_SERVICE_ROWS", "many", "a number of rows"),
        ("DER_SPARQL_ENGINEER_BYTES", "1", "bytes of a result"),
        ("DER_SPARQL_AGGREGATOR_RUNNING", "65", "a number of queries from 1 to 64"),
        ("DER_SANDBOX_WORKERS", "0", "a number of processes"),
        ("DER_SANDBOX_MEMORY", "1000", "bytes of address space"),
        ("DER_SANDBOX_NICE", "20", "a niceness"),
        ("DER_EVENTS_HEARTBEAT", "0", "seconds from 1 to 600"),
        ("DER_EVENTS_RETRY", "1", "milliseconds from 100"),
        ("DER_EVENTS_LISTENERS", "0", "a number of streams"),
        ("DER_WEBHOOKS_ALLOWED_ORIGINS", "https://a.example/path", "this is no origin"),
        ("DER_WEBHOOKS_ALLOWED_ORIGINS", "*", "must be named one by one"),
        ("DER_WEBHOOKS_SUSPEND_AFTER", "0", "days from 1 to 365"),
        ("DER_ISSUERS", "[{]", "a JSON list of objects"),
        ("DER_ISSUERS", "5", "a list of tables"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(variable: str, value: str, expected: str) -> None:
    (name,) = [name for name, own in setting_names().items() if own == variable]
    message = refusal({variable: value})
    assert message.startswith((f"{name} ({variable}): ", f"{name}[0] ({variable}): ", f"{name}[1] ({variable}): "))
    assert expected in message


def test_every_wrong_setting_has_its_line(tmp_path: Path) -> None:
    config = write(tmp_path, "[server]\nport = true\nthreads = 100\nprot = 1\n[stor]\npath = 'x'\n")
    lines = refusal({"DER_SERVER_BASE_URL": "x", "DER_SERVER_PORTS": "1"}, config).splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        "DER_SERVER_PORTS",
        f"server.port ({config})",
        "server.base_url (DER_SERVER_BASE_URL)",
        f"server.threads ({config})",
        f"server.prot ({config})",
        f"stor ({config})",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[server]\nprot = 1", "did you mean server.port?"),
        ("[sever]\nport = 1", "did you mean server?"),
        (
            "[[issuers]]\nissuer = 'https://a.example'\naudience = 'a'\nroles = ['service']\nrole = 'x'",
            "issuers[0].role",
        ),
    ],
)
def test_an_unknown_key_is_refused_with_the_closest_known(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in refusal({}, write(tmp_path, text))


@pytest.mark.parametrize("role", Role)
def test_every_role_has_its_limits(role: Role) -> None:
    own = {f"{role}_seconds": 7, f"{role}_rows": 8, f"{role}_bytes": 9000, f"{role}_running": 3}
    settings = QuerySettings.model_validate(own)
    assert settings.limits(role) == Limits(seconds=7.0, rows=8, size=9000)
    assert settings.most_running(role) == 3
    for other in set(Role) - {role}:
        assert settings.limits(other) == QuerySettings().limits(other)


@pytest.mark.parametrize("origins", [["*"], ["https://app.example", "http://localhost:3000"], []])
def test_origins_stand_in_a_file_as_a_list(tmp_path: Path, origins: list[str]) -> None:
    config = write(tmp_path, f"[server]\ncors_origins = {json.dumps(origins)}\n")
    assert load_settings(config, environ={}).server.cors_origins == tuple(origins)


def test_an_unknown_variable_is_refused_with_the_closest_known() -> None:
    assert (
        refusal({"DER_SERVER_PROT": "1"}) == "DER_SERVER_PROT: there is no such variable; did you mean DER_SERVER_PORT?"
    )


def test_variables_that_kubernetes_sets_for_a_service_are_none_of_ours() -> None:
    environ = {
        "DER_REGISTRY_SERVICE_HOST": "10.0.0.1",
        "DER_REGISTRY_SERVICE_PORT": "8080",
        "DER_REGISTRY_PORT": "tcp://10.0.0.1:8080",
        "DER_REGISTRY_PORT_8080_TCP_ADDR": "10.0.0.1",
    }
    assert load_settings(None, environ=environ) == Settings()


def test_an_error_of_syntax_is_refused_with_its_place(tmp_path: Path) -> None:
    config = write(tmp_path, "[server]\nport 8080\n")
    message = refusal({}, config)
    assert message.startswith(f"{config}: ")
    assert "line 2, column 6" in message


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_can_not_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    config = tmp_path / "registry.toml"
    if content is not None:
        config.write_bytes(content)
    assert refusal({}, config).startswith(f"{config}: ")


def test_an_issuer_becomes_what_tokens_are_verified_with() -> None:
    roles = ["Prosumers", "AGGREGATOR"]
    (found,) = load_settings(None, environ=issuers({"roles": roles, "leeway": 5})).issuers
    issuer = found.to_issuer()
    assert issuer.roles == (Role.PROSUMER, Role.AGGREGATOR)
    assert (issuer.issuer, issuer.audience, issuer.leeway) == (ISSUER["issuer"], "registry", 5)
    assert {name: getattr(issuer, name) for name in IssuerSettings.model_fields} == dict(found)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "login.coop-a.example"),
        ({"issuer": "https://LOGIN.Coop-A.example:8443/realms/x"}, "login.coop-a.example"),
        ({"aggregator_id": "coop-a.example"}, "coop-a.example"),
    ],
)
def test_the_aggregator_is_the_host_of_the_issuer_unless_said(change: dict[str, Any], expected: str) -> None:
    assert load_settings(None, environ=issuers(change)).issuers[0].aggregator_id == expected


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "[::1]", "localhost", "a.localhost"])
def test_plain_http_is_fine_on_loopback(host: str) -> None:
    name = f"http://{host}:9000/a"
    assert load_settings(None, environ=issuers({"issuer": name, "aggregator_id": "abc"})).issuers[0].issuer == name


@pytest.mark.parametrize(
    ("change", "name", "reason"),
    [
        ({"issuer": "http://login.example"}, "issuer", "plain http is for loopback hosts only"),
        ({"issuer": "http://127.0.0.1.example"}, "issuer", "plain http is for loopback hosts only"),
        ({"issuer": "login.example"}, "issuer", "this is no http(s) URL"),
        ({"issuer": "https://a:b@login.example"}, "issuer", "no user"),
        ({"issuer": "https://login.example?x"}, "issuer", "no query"),
        ({"issuer": "https://[::1"}, "issuer", "Invalid IPv6 URL"),
        ({"jwks_uri": "http://login.example/keys"}, "jwks_uri", "plain http"),
        ({"audience": ""}, "audience", "expected the `aud`"),
        ({"roles": []}, "roles", "expected a list of aggregator, prosumer, service, engineer"),
        ({"roles": ["admin"]}, "roles[0]", "'admin' is not accepted"),
        ({"algorithms": ["none"]}, "algorithms[0]", "never accepted"),
        ({"algorithms": ["RS256", "HS256"]}, "algorithms[1]", "never accepted"),
        ({"algorithms": ["RS1"]}, "algorithms[0]", "this is none of RS256"),
        ({"algorithms": []}, "algorithms", "asymmetric"),
        ({"aggregator_id": "ab"}, "aggregator_id", "3 to 256 characters"),
        ({"leeway": 301}, "leeway", "from 0 to 300"),
    ],
)
def test_a_wrong_issuer_is_refused(change: dict[str, Any], name: str, reason: str) -> None:
    message = refusal(issuers(change))
    assert message.startswith(f"issuers[0].{name} (DER_ISSUERS): ")
    assert reason in message
    assert len(message.splitlines()) == 1


def test_an_issuer_without_a_required_setting_is_refused() -> None:
    lines = refusal({"DER_ISSUERS": "[{}]"}).splitlines()
    assert [line.partition(";")[0] for line in lines] == [
        f"issuers[0].{name} (DER_ISSUERS): is missing" for name in ("issuer", "audience", "roles")
    ]


def test_an_issuer_stands_once() -> None:
    assert "stands there 2 times" in refusal(issuers({}, {"audience": "other"}))


def test_two_issuers_on_one_host_must_say_whose_they_are() -> None:
    realm = {"issuer": "https://login.coop-a.example/b"}
    assert "both stand for the aggregator 'login.coop-a.example'" in refusal(issuers({}, realm))
    named = load_settings(None, environ=issuers({}, realm | {"aggregator_id": "coop-b.example"}))
    assert [each.aggregator_id for each in named.issuers] == ["login.coop-a.example", "coop-b.example"]
    staff = load_settings(None, environ=issuers({}, realm | {"roles": ["service"]}))
    assert len(staff.issuers) == 2


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False), ("", False)],
)
def test_loopback_is_told_apart(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def documented() -> list[tuple[str, str | None, str]]:
    """Rows of the tables: name, variable (none for an issuer's settings), default."""
    rows = []
    for line in DOCUMENTATION.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| `"):
            variable = cells[1].strip("`") if cells[1].startswith("`DER_") else None
            rows.append((cells[0].strip("| `"), variable, cells[2 if variable else 1].strip("`")))
    return rows


def fields() -> list[tuple[str, str | None, str]]:
    def default(model: type[BaseModel], key: str) -> str:
        info = model.model_fields[key]
        if info.is_required():
            return "required"
        if info.default_factory is not None:
            return "host of `issuer"
        if key == "jwks_uri":
            return "by discovery"
        value = list(info.default) if isinstance(info.default, tuple) else info.default
        return "none" if value is None else json.dumps(value) if isinstance(value, list) else str(value)

    names = setting_names()
    sections: dict[str, type[BaseModel]] = {
        "server": ServerSettings,
        "store": StoreSettings,
        "journal": JournalSettings,
        "sparql": QuerySettings,
        "sandbox": SandboxSection,
        "events": EventSettings,
        "webhooks": WebhookSettings,
        "metrics": MetricsSection,
        "tracing": TracingSection,
        "issuers": IssuerSettings,
    }
    return [
        (f"{section}.{key}", names.get(f"{section}.{key}"), default(model, key))
        for section, model in sections.items()
        for key in model.model_fields
    ]


def test_every_setting_stands_in_the_documentation_with_its_variable_and_default() -> None:
    assert documented() == fields()


def test_the_examples_of_the_documentation_are_accepted(tmp_path: Path) -> None:
    examples = DOCUMENTATION.read_text(encoding="utf-8").split("```toml\n")[1:]
    assert len(examples) == 3
    for example in examples:
        assert load_settings(write(tmp_path, example.partition("```")[0]), environ={}).issuers
