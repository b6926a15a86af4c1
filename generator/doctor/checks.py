"""All checks, in the order of the report, and what runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import BotoCoreError, ClientError

from kfaws.generator.doctor import (
    bootstrap,
    cluster,
    domain,
    identity,
    inside,
    login,
    network,
    quotas,
    stores,
)
from kfaws.generator.doctor.report import Line, Status, unknown
from kfaws.generator.doctor.site import Site, code_of
from kfaws.generator.run import ProgramError

Check = Callable[[Site], Iterator[Line]]

CHECKS: tuple[Check, ...] = (
    identity.check_region,
    identity.check_permissions,
    cluster.check_cluster,
    cluster.check_cluster_network,
    cluster.check_pod_roles,
    inside.check_kubeconfig,
    inside.check_rights,
    inside.check_storage,
    inside.check_seams,
    inside.check_network_note,
    network.check_vpc,
    network.check_subnets,
    network.check_load_balancer_subnets,
    network.check_routes,
    network.check_security_group,
    domain.check_root_zone,
    domain.check_zone,
    domain.check_certificate,
    login.check_prefix,
    login.check_existing_pool,
    stores.check_bucket,
    stores.check_bucket_key,
    stores.check_secrets,
    stores.check_instance_class,
    stores.check_file_systems,
    quotas.check_quotas,
    bootstrap.check_repository,
    bootstrap.check_stack,
)
PARALLEL = 8


def examine(site: Site) -> Iterator[Line]:
    """Yield the report's lines, in the order of CHECKS, as they become known.

    With no credentials, or those of another account, nothing else is looked at: the answers would be about
    somebody else's resources.
    """
    account = run_check(identity.check_account, site)
    yield from account
    if any(line.status is not Status.OK for line in account):
        yield unknown(
            "All else", "not looked at, because the account is not the environment's", account[0].remedy or ""
        )
        return
    with ThreadPoolExecutor(PARALLEL) as pool:
        for lines in pool.map(lambda check: run_check(check, site), CHECKS):
            yield from lines


def run_check(check: Check, site: Site) -> list[Line]:
    """Return a check's lines; a refused or failed call ends it in one line that says so."""
    lines: list[Line] = []
    topic = (check.__doc__ or check.__name__).split(".")[0].split("\n")[0]
    try:
        lines.extend(check(site))
    except ClientError as error:
        operation = error.operation_name
        lines.append(
            unknown(topic, f"{operation} was refused: {code_of(error)}", f"ask for the right to {operation}")
        )
    except BotoCoreError as error:
        lines.append(unknown(topic, f"AWS could not be asked: {error}", "run the command again"))
    except ProgramError as error:
        lines.append(unknown(topic, str(error).splitlines()[0], "kubectl version"))
    return lines
