"""What EKS's Pod Identity agent does: credentials of the role that is associated with a ServiceAccount."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from moto.iam.models import Role, iam_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from kfaws.harness.standins.aws.overlay.answers import AwsError
from kfaws.harness.standins.aws.overlay.pod_identity import association_of
from kfaws.harness.standins.aws.trust import refusal

SERVICE = ("Service", "pods.eks.amazonaws.com")
ACTIONS = ("sts:AssumeRole", "sts:TagSession")
SESSION_SECONDS = 6 * 3600


def credentials(region: str, cluster: str, namespace: str, account: str) -> Mapping[str, Any]:
    """The credentials that a pod of that ServiceAccount gets; raises AwsError when it gets none."""
    who = f"{namespace}/{account}"
    association = association_of(cluster, namespace, account)
    if association is None:
        raise AwsError("AccessDenied", f"no pod identity association of {cluster} names {who}", 403)
    arn = association["roleArn"]
    context = {
        "aws:requesttag/eks-cluster-name": cluster,
        "aws:requesttag/kubernetes-namespace": namespace,
        "aws:requesttag/kubernetes-service-account": account,
        "aws:sourceaccount": os.environ["MOTO_ACCOUNT_ID"],
    }
    role = _role(arn, region)
    if role is None:
        raise AwsError("AccessDenied", f"{who} is associated with {arn}, which does not exist", 403)
    why = refusal(role.assume_role_policy_document, SERVICE, ACTIONS, context)
    if why:
        raise AwsError("AccessDenied", f"the trust policy of {arn} does not admit {who}: {why}", 403)
    partition = get_partition(region)
    session = sts_backends[os.environ["MOTO_ACCOUNT_ID"]][partition].assume_role(
        region, f"eks-{account}"[:64], arn, "", SESSION_SECONDS, ""
    )
    return {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "Token": session.session_token,
        "AccountId": os.environ["MOTO_ACCOUNT_ID"],
        "Expiration": session.expiration.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _role(arn: str, region: str) -> Role | None:
    roles = iam_backends[os.environ["MOTO_ACCOUNT_ID"]][get_partition(region)].roles
    return next((role for role in roles.values() if role.arn == arn), None)
