"""What the tags `@with-...` ask of an environment: the one table of names and of the answers behind them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

PREFIX = "with-"
NO: Collection[object] = (None, False, "", "none", [], {})
"""Answers that say no; a question that was not asked has no answer."""
COMPONENTS = ("katib", "kserve", "notebooks", "pipelines", "spark", "tensorboards", "trainer", "volumes")
ANSWERS: Mapping[str, tuple[str, Collection[str]]] = {
    # Name of the tag, the answer it asks for, and which answers are a yes; without any, all but no.
    "bucket": ("bucket_source", ("create",)),
    "custom-login-domain": ("cognito_domain_type", ("custom",)),
    "database": ("database_source", ("create",)),
    "dex": ("dex_users", ()),
    "external-bucket": ("bucket_source", ("external",)),
    "external-database": ("database_source", ("external",)),
    "external-user-pool": ("user_pool_source", ("external",)),
    "irsa": ("credentials", ("irsa",)),
    "login": ("login", ("cognito-alb",)),
    "logs": ("collect_logs", ()),
    "lustre-file-system": ("lustre_file_system", ("create",)),
    "machine-clients": ("machine_clients", ()),
    "metrics": ("collect_metrics", ()),
    "oidc-providers": ("oidc_providers", ()),
    "pod-identity": ("credentials", ("pod-identity",)),
    "saml-providers": ("saml_providers", ()),
    "self-sign-up": ("self_sign_up", ()),
    "shared-file-system": ("shared_file_system", ("create",)),
    "social-providers": ("social_providers", ()),
    "static-keys": ("artifact_credentials", ("static-keys",)),
    "training-operator": ("training_operator", ()),
    "user-pool": ("user_pool_source", ("create",)),
}


def has(answers: Mapping[str, Any], need: str) -> bool:
    """Whether an environment has it; raises LookupError, with all names, for one that is not in the table."""
    if need in COMPONENTS:
        return need in (answers.get("components") or ())
    if need not in ANSWERS:
        raise LookupError(
            f"@{PREFIX}{need} is no tag: choose of {', '.join(sorted((*COMPONENTS, *ANSWERS)))}"
        )
    name, wanted = ANSWERS[need]
    answer = answers.get(name)
    return answer in wanted if wanted else answer not in NO
