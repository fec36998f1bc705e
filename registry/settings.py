"""The settings: one frozen object, built once at the start from four sources.

In falling priority: options of the command line, the environment (`DER_SERVER_PORT`), a TOML file, defaults.
A value that can't be right, an unknown name, or a file that can't be read stops the start with a message that
names it. Nothing here opens the store, asks a provider, or reads `os.environ` by itself.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import ErrorDetails

from registry.event_settings import EventSettings, WebhookSettings
from registry.issuer_settings import IssuerSettings, Number, Section, Text, is_loopback, url
from registry.monitoring_settings import MetricsSection, TracingSection
from registry.origins import Origins
from registry.principal import Role
from registry.query_settings import QuerySettings, SandboxSection

__all__ = [
    "EventSettings",
    "IssuerSettings",
    "JournalSettings",
    "QuerySettings",
    "SandboxSection",
    "ServerSettings",
    "Settings",
    "SettingsError",
    "StoreSettings",
    "WebhookSettings",
    "is_loopback",
    "load_settings",
    "setting_names",
]

PREFIX = "DER_"


class SettingsError(Exception):
    """Settings that the server can't start with; the message has one line for each."""


class ServerSettings(Section):
    """How the server is reached. The descriptions say what a value must be: they end error messages."""

    host: Text = Field("127.0.0.1", description="an address of this machine or a name of one")
    port: Number = Field(8080, ge=1, le=65535, description="a TCP port from 1 to 65535")
    base_url: Annotated[Text, AfterValidator(url)] | None = Field(
        None, description="the http(s) URL by which clients reach the server"
    )
    max_body: Number = Field(2**20, ge=1024, le=2**30, description="bytes of a body, from 1024 to 1073741824")
    threads: Number = Field(4, ge=1, le=64, description="a number of threads from 1 to 64")
    cors_origins: Origins = Field(
        (), description="a list of origins: scheme, host and port, in lower case, without a path"
    )


class StoreSettings(Section):
    """Where the data lies."""

    path: Path = Field(Path("data"), description="a folder, relative to where the server is started")


class JournalSettings(Section):
    """How long the journal is kept."""

    retention_days: Number | None = Field(None, ge=1, le=36_500, description="a number of days from 1 to 36500")


def _listed_once(issuers: tuple[IssuerSettings, ...]) -> tuple[IssuerSettings, ...]:
    for name, times in Counter(each.issuer for each in issuers).items():
        if times > 1:
            raise ValueError(f"the issuer {name} stands there {times} times")
    return issuers


def _apart(issuers: tuple[IssuerSettings, ...]) -> tuple[IssuerSettings, ...]:
    """Refuse two issuers that reach one aggregator's devices only because they live on one host."""
    bound = [each for each in issuers if {Role.AGGREGATOR, Role.PROSUMER}.intersection(each.roles)]
    for one, other in combinations(bound, 2):
        named = all("aggregator_id" in each.model_fields_set for each in (one, other))
        if one.aggregator_id == other.aggregator_id and not named:
            raise ValueError(
                f"{one.issuer} and {other.issuer} both stand for the aggregator {one.aggregator_id!r}, "
                "as their hosts say: give each its aggregator_id"
            )
    return issuers


class Settings(Section):
    """All settings. `Settings()` is a server on loopback that accepts no token."""

    server: ServerSettings = ServerSettings()
    store: StoreSettings = StoreSettings()
    journal: JournalSettings = JournalSettings()
    sparql: QuerySettings = QuerySettings()
    sandbox: SandboxSection = SandboxSection()
    events: EventSettings = EventSettings()
    webhooks: WebhookSettings = WebhookSettings()
    metrics: MetricsSection = MetricsSection()
    tracing: TracingSection = TracingSection()
    issuers: Annotated[tuple[IssuerSettings, ...], AfterValidator(_listed_once), AfterValidator(_apart)] = Field(
        (), description="a list of tables, each with issuer, audience and roles"
    )


def setting_names() -> dict[str, str]:
    """Return the name of each setting that stands alone -> its variable: `server.port` -> `DER_SERVER_PORT`."""
    sections = ((section, model) for section, model in _MODELS.items() if section != "issuers")
    names = [f"{section}.{key}" for section, model in sections for key in model.model_fields]
    return {name: PREFIX + name.replace(".", "_").upper() for name in (*names, "issuers")}


def load_settings(
    config: Path | None, *, environ: Mapping[str, str], overrides: Mapping[str, Any] | None = None
) -> Settings:
    """Build the settings from all sources.

    Args:
        config: the TOML file, if there is one.
        environ: the environment; a variable that is empty counts as one that is not set.
        overrides: values by dotted name (`server.port`), None for one that is not given; they win over all.

    Raises:
        SettingsError: one line for each setting that is wrong or unknown, or the reason why the file can't be read.
    """
    sources = _Sources()
    if config is not None:
        sources.add_file(config)
    sources.add_environment(environ)
    for name, value in (overrides or {}).items():
        if value is not None:
            sources.put(name, value, "command line")
    return sources.build()


@dataclass
class _Sources:
    """Values merged so far, where each comes from, and what is wrong with the names."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def put(self, name: str, value: Any, origin: str) -> None:
        section, _, key = name.partition(".")
        self.origins[name] = origin
        if not key:
            self.values[section] = value
        elif isinstance(self.values.setdefault(section, {}), dict):
            self.values[section][key] = value

    def add_file(self, path: Path) -> None:
        for section, content in _read_toml(path).items():
            if isinstance(content, dict) and content:
                for key, value in content.items():
                    self.put(f"{section}.{key}", value, str(path))
            else:
                self.put(section, content, str(path))

    def add_environment(self, environ: Mapping[str, str]) -> None:
        known = {variable: name for name, variable in setting_names().items()}
        for variable in _own_variables(environ):
            name = known.get(variable)
            if name is None:
                self.wrong.append(f"{variable}: there is no such variable{_closest(variable, known)}")
            elif name == "issuers":
                self._add_json(name, variable, environ[variable])
            else:
                self.put(name, environ[variable], variable)

    def _add_json(self, name: str, variable: str, text: str) -> None:
        try:
            self.put(name, json.loads(text), variable)
        except (ValueError, RecursionError) as error:
            self.wrong.append(f"{name} ({variable}): this is no JSON: {error}; expected a JSON list of objects")

    def build(self) -> Settings:
        try:
            settings = Settings.model_validate(self.values)
        except ValidationError as error:
            errors = error.errors(include_url=False)
            self.wrong += [self._line(one) for one in errors if not _follows(one, errors)]
        if self.wrong:
            raise SettingsError("\n".join(self.wrong))
        return settings

    def _origin(self, name: str) -> str:
        outside = [origin for outer in _prefixes(name) for key, origin in self.origins.items() if key == outer]
        inside = [origin for key, origin in self.origins.items() if key.startswith(f"{name}.")]
        return (outside + inside + ["default"])[0]

    def _line(self, error: ErrorDetails) -> str:
        name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"])[1:]
        origin = self._origin(name)
        if error["type"] == "extra_forbidden":
            outer = name.removesuffix(str(error["loc"][-1]))
            beside = (outer + key for key in _names_beside(error))
            return f"{name} ({origin}): there is no such setting{_closest(name, beside)}"
        expected = f"; expected {_description(error)}"
        if error["type"] == "missing":
            return f"{name} ({origin}): is missing{expected}"
        found = "this" if isinstance(error["input"], list | dict) else repr(error["input"])
        reason = f": {error['ctx']['error']}" if error["type"] == "value_error" else ""
        return f"{name} ({origin}): {found} is not accepted{reason}{expected}"


def _follows(error: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """Tell whether `error` is there only because of another one, inside it or in the issuer's name."""
    inside = any(error["loc"] == other["loc"][: len(error["loc"])] for other in errors if other is not error)
    return inside or error["type"] == "default_factory_not_called"


def _prefixes(name: str) -> Iterator[str]:
    """Yield `issuers[0].roles[1]`, then what it is part of: `issuers[0].roles`, `issuers[0]`, `issuers`."""
    while name:
        yield name
        name = name[: max(name.rfind("."), name.rfind("["), 0)]


_MODELS: Mapping[str, type[Section]] = {
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


def _description(error: ErrorDetails) -> str:
    section, *inside = error["loc"]
    model = _MODELS[str(section)]
    key = next((part for part in inside if isinstance(part, str)), None)
    found = model.model_fields.get(key) if key else Settings.model_fields[str(section)]
    return (found and found.description) or "a table"


def _names_beside(error: ErrorDetails) -> Iterable[str]:
    *outer, _ = error["loc"]
    return _MODELS[str(outer[0])].model_fields if outer else Settings.model_fields


def _closest(name: str, known: Iterable[str]) -> str:
    return f"; did you mean {difflib.get_close_matches(name, sorted(known), n=1, cutoff=0)[0]}?"


def _own_variables(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the variables that are meant for us.

    Kubernetes sets DER_REGISTRY_SERVICE_HOST, DER_REGISTRY_PORT and so on for a service called `der-registry`.
    """
    services = [name.removesuffix("_SERVICE_HOST") for name in environ if name.endswith("_SERVICE_HOST")]
    foreign = tuple(f"{service}_{ending}" for service in services for ending in ("SERVICE_", "PORT"))
    for name in sorted(environ):
        if name.startswith(PREFIX) and environ[name] and not name.startswith(foreign):
            yield name


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: this is no UTF-8 text, byte {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}") from None
