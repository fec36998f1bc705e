"""Which module may import what: the directions in which the code depends on itself and on libraries."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("sparql", "registry", "demo")
FILES = [*sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")), ROOT / "server.py"]
ALLOWED = {
    "flask": ["registry/http/", "registry/cli/serve.py", "server.py", "demo/"],
    "werkzeug": ["registry/http/", "registry/cli/serve.py", "server.py", "demo/"],
    "authlib": ["registry/tokens/", "registry/cli/token.py", "demo/"],
    "joserfc": ["registry/tokens/", "registry/cli/token.py", "demo/"],
    "granian": ["registry/http/"],
    "click": ["registry/cli/", "demo/"],
    "pyoxigraph": ["sparql/embedded/"],
    "opentelemetry": ["registry/monitoring/open_telemetry.py"],
    "prometheus_client": ["registry/monitoring/metrics.py"],
    "jinja2": ["registry/model_pages/rendering.py"],
    "markupsafe": ["registry/model_pages/rendering.py"],
    "icalendar": ["registry/calendars/"],
    "rfc8785": ["registry/profile/calendars.py"],
    "semver": ["registry/model_diff/versions.py"],
    "pyshacl": ["registry/devices/validation.py", "registry/model_check/shacl_syntax.py"],
    "server": ["registry/cli/", "demo/"],
    "demo": ["registry/cli/", "demo/"],
    "registry.http": ["registry/http/", "registry/openapi/", "registry/cli/", "server.py", "demo/"],
    "registry.monitoring": ["registry/monitoring/", "registry/http/metrics.py", "registry/cli/serve.py", "server.py"],
    "registry.model_pages": ["registry/model_pages/", "registry/http/", "registry/openapi/"],
    "registry.openapi": ["registry/openapi/", "server.py"],
    "registry.cli": ["registry/cli/"],
}
"""Package -> the folders and modules that may import it."""


@cache
def imports(file: Path) -> tuple[str, ...]:
    """Return the full names of all that a module imports, wherever in it."""
    return tuple(_imports(file))


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importers(package: str) -> list[str]:
    return [
        file.relative_to(ROOT).as_posix()
        for file in FILES
        if any(f"{name}.".startswith(f"{package}.") for name in imports(file))
    ]


def test_there_are_modules() -> None:
    assert len(FILES) > 40
    assert importers("sparql")
    assert importers("flask")


@pytest.mark.parametrize("package", ["registry", "server", "demo", "bench", "tests"])
def test_sparql_knows_nothing_above_it(package: str) -> None:
    assert [file for file in importers(package) if file.startswith("sparql/")] == []


@pytest.mark.parametrize("package", ALLOWED)
def test_imported_only_where_it_belongs(package: str) -> None:
    found = importers(package)
    assert found
    assert [file for file in found if not file.startswith(tuple(ALLOWED[package]))] == []


@pytest.mark.parametrize(
    "folder",
    [
        *("registry/devices/", "registry/model_check/", "registry/model_diff/", "registry/model_pages/"),
        *("registry/profile/", "registry/tokens/"),
    ],
)
def test_the_domain_knows_no_http_and_no_command_line(folder: str) -> None:
    for package in ("registry.http", "registry.cli", "registry.settings", "server"):
        assert [file for file in importers(package) if file.startswith(folder)] == []


@pytest.mark.parametrize("folder", ["registry/model_diff/", "registry/profile/"])
def test_the_profile_and_its_comparison_know_no_devices_and_no_access(folder: str) -> None:
    for package in ("registry.devices", "registry.access"):
        assert [file for file in importers(package) if file.startswith(folder)] == []


@pytest.mark.parametrize("package", ["bench", "tests"])
def test_nothing_that_is_shipped_needs(package: str) -> None:
    assert importers(package) == []
