"""`der-registry token`: prints an access token of the demo's OpenID provider, for curl and for trying things out."""

from __future__ import annotations

import click

from demo.cooperatives import COOPERATIVES, Cooperative
from demo.provider.client import NoProvider, TokenRefused, client_credentials_token, code_token
from demo.provider.tenants import MIDDLEWARE, issuer_url
from registry.principal import Role


@click.command()
@click.argument("role", type=click.Choice([role.value for role in Role], case_sensitive=False))
@click.option("--aggregator", metavar="ID", help="Whose aggregator or prosumer.  [default: the first cooperative]")
@click.option("--account", metavar="UUID", help="Which prosumer.  [default: the cooperative's first household]")
@click.option("--port", type=click.IntRange(1, 65534), default=8080, show_default=True, help="The registry's port.")
def token(role: str, aggregator: str | None, account: str | None, port: int) -> None:
    """Print an access token of the demo's OpenID provider.

    The provider runs beside `der-registry serve --demo`, on the port after the registry's. Aggregator, service and
    engineer are programs (client credentials); a prosumer really logs in (authorization code with PKCE).
    """
    wanted = Role(role)
    if account is not None and wanted is not Role.PROSUMER:
        raise click.UsageError("--account is for the role prosumer.")
    if aggregator is not None and wanted in {Role.SERVICE, Role.ENGINEER}:
        raise click.UsageError("--aggregator is for the roles aggregator and prosumer.")
    try:
        click.echo(_token(wanted, aggregator, account, port + 1))
    except NoProvider:
        raise click.ClickException(
            f"There is no demo provider on port {port + 1}. Start it with: der-registry serve --demo --port {port}"
        ) from None
    except TokenRefused as error:
        raise click.ClickException(str(error)) from None


def _token(role: Role, aggregator: str | None, account: str | None, provider_port: int) -> str:
    if role in {Role.SERVICE, Role.ENGINEER}:
        return client_credentials_token(issuer_url(MIDDLEWARE, provider_port), role.value)
    cooperative = _cooperative(aggregator)
    issuer = issuer_url(cooperative.slug, provider_port)
    if role is Role.AGGREGATOR:
        return client_credentials_token(issuer, role.value)
    return code_token(issuer, _account(cooperative, account))


def _cooperative(aggregator: str | None) -> Cooperative:
    if aggregator is None:
        return COOPERATIVES[0]
    for cooperative in COOPERATIVES:
        if aggregator.lower() in {cooperative.aggregator_id, cooperative.slug}:
            return cooperative
    known = ", ".join(cooperative.aggregator_id for cooperative in COOPERATIVES)
    raise click.BadParameter(f"{aggregator!r} is none of the demo's: {known}", param_hint="--aggregator")


def _account(cooperative: Cooperative, account: str | None) -> str:
    if account is None:
        return cooperative.households[0].account_id
    for household in cooperative.households:
        if account.lower() == household.account_id:
            return household.account_id
    known = "".join(f"\n  {each.account_id}  {each.name}" for each in cooperative.households)
    raise click.BadParameter(
        f"{account!r} is no account of {cooperative.aggregator_id}, which has:{known}", param_hint="--account"
    )
