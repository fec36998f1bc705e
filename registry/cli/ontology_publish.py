"""`der-registry ontology publish`: put a model in force, in a data folder or on a registry that is running.

What that means is the publisher's to say; this is its door on the command line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from registry.cli import with_settings
from registry.cli.finding_formats import printable
from registry.cli.storage import opened_registry

if TYPE_CHECKING:
    from registry.publishing.model_files import ModelFiles
    from registry.settings import Settings

_WITHIN = 900.0
"""Seconds within which a registry must have rehearsed."""


@click.command()
@click.argument("model", metavar="DIR|VERSION")
@click.option("--dry-run", is_flag=True, help="Find out what it would do, and change nothing.")
@click.option("--registry", metavar="URL", help="Publish on the registry that runs there, by PUT /ontology.")
@click.option("--token", envvar="REGISTRY_TOKEN", metavar="T", help="Access token of an engineer, for --registry.")
@with_settings
def publish(settings: Settings, model: str, dry_run: bool, registry: str | None, token: str | None) -> None:
    """Put a model in force: that of a folder, or one that was published before, by its version.

    The folder DIR holds ontology/*.ttl and shapes/*.ttl, and, where devices must change with it, migrations/*.ru. The
    model is checked as by `ontology check`, and rehearsed on a copy of the data: it is refused when it is not sound, or
    when devices would no longer conform. A registry that runs is asked by --registry; else the data folder is worked
    on, which no registry must be running on.

    Exit code 0: it is in force, or with --dry-run could be. 1: it is refused. 2: nothing could be done.
    """
    from registry.errors import ModelRefused, RegistryError  # noqa: PLC0415  --help does without
    from registry.publishing.outcome import DevicesWouldBreak  # noqa: PLC0415

    if registry:
        _over_http(registry, token, _files(model), dry_run)
        return
    try:
        outcome = _offline(settings, model, dry_run)
    except RegistryError as error:
        click.echo(printable(error.message), err=True)
        if isinstance(error, ModelRefused):
            _show_check(error.report.get("check", {}))
        if isinstance(error, DevicesWouldBreak):
            _show_impact(error.impact.document(with_ids=True))
        sys.exit(1)
    _show(outcome)


def _offline(settings: Settings, model: str, dry_run: bool) -> Mapping[str, Any]:
    with opened_registry(settings) as (_, started):
        publisher = started.publisher
        known = {each.version: each.name for each in reversed(publisher.published())}
        files = _files(model) if Path(model).is_dir() or model not in known else publisher.library.files(known[model])
        outcome = publisher.publish(
            files, "the command line", dry_run=dry_run, say=lambda text: click.echo(text, err=True)
        )
        return outcome.document(with_ids=True)


def _files(model: str) -> ModelFiles:
    from registry.errors import BadRequest  # noqa: PLC0415
    from registry.publishing.model_files import from_folder  # noqa: PLC0415

    try:
        return from_folder(Path(model))
    except (BadRequest, OSError) as error:
        raise _Unreadable(f"{model}: {error}") from None


class _Unreadable(click.ClickException):
    exit_code = 2


def _over_http(registry: str, token: str | None, files: ModelFiles, dry_run: bool) -> None:
    import httpx  # noqa: PLC0415

    if not token:
        raise click.UsageError("--registry needs --token (or REGISTRY_TOKEN): an access token of an engineer.")
    headers = {"Authorization": f"Bearer {token}"}
    try:
        with httpx.Client(base_url=registry, headers=headers, timeout=_WITHIN) as client:
            known = client.head("/ontology", headers={"Accept": "text/turtle"}).raise_for_status().headers["ETag"]
            answer = client.put(
                "/ontology",
                params={"dry_run": "true"} if dry_run else {},
                content=files.zipped(),
                headers={"Content-Type": "application/zip", "If-Match": known},
            )
    except (httpx.HTTPError, KeyError) as error:
        raise _Unreadable(f"{registry} does not answer as a registry: {error}") from None
    document = _document(answer)
    if answer.is_success:
        _show(document)
        return
    click.echo(printable(document.get("detail", f"{registry} answered {answer.status_code}")), err=True)
    _show_check(document.get("check", {}))
    _show_impact(document.get("impact", {}))
    sys.exit(1 if answer.status_code in (400, 409, 412, 422) else 2)


def _document(answer: Any) -> Mapping[str, Any]:
    try:
        found = answer.json()
    except json.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _show(outcome: Mapping[str, Any]) -> None:
    _show_check(outcome.get("check", {}))
    verb = "is in force" if outcome["published"] else "could be put in force; nothing was changed"
    click.echo(f"model {outcome['version']} ({outcome['model'][:12]}) {verb}")
    for change in outcome.get("diff", {}).get("changes", ()):
        click.echo(f"  {change['what']}")
    click.echo(f"{outcome['rewritten']:,} devices have other triples")


def _show_check(check: Mapping[str, Any]) -> None:
    for each in check.get("findings", ()):
        place = ":".join(str(each[part]) for part in ("file", "line", "column") if each[part] is not None)
        click.echo(f"  {place or 'model'}: {each['severity']}: {printable(each['message'])} [{each['rule']}]", err=True)
    if check.get("findings_not_listed"):
        click.echo(f"  and {check['findings_not_listed']:,} more; der-registry ontology check lists all", err=True)


def _show_impact(impact: Mapping[str, Any]) -> None:
    for each in impact.get("broken", ()):
        examples = f" (such as {', '.join(each['examples'])})" if each.get("examples") else ""
        click.echo(
            f"  {each['field'] or 'several fields'}: {each['message']} {each['devices']:,} devices{examples}", err=True
        )
