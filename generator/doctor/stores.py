"""What keeps data: bucket, secrets, file systems, keys, and the database's instance class."""

from __future__ import annotations

import json
from collections.abc import Iterator

from botocore.exceptions import ClientError

from kfaws.generator.doctor.report import Line, judge, missing, ok
from kfaws.generator.doctor.site import Site, answer, code_of

DATABASE_USERS = ("pipelines-db", "mlmd-db", "cache-db", "katib-db")


def check_bucket(site: Site) -> Iterator[Line]:
    """The bucket's name is free or this account's; an existing bucket is reachable and in the region."""
    name = site.answers.get("bucket_name")
    if name is None:
        return
    topic, external = "Artifact bucket", site.answers.external("bucket_source")
    try:
        head = site.account.client("s3").head_bucket(Bucket=name)
    except ClientError as error:
        if code_of(error) == "404":
            yield judge(
                topic, not external, f"{name} does not exist" if external else f"{name} is free",
                site.aws("s3", "mb", f"s3://{name}"),
            )  # fmt: skip
            return
        if code_of(error) not in ("403", "301"):
            raise
        yield missing(
            topic, f"{name} belongs to another account or region", answer("bucket_name", f"{name}-2")
        )
        return
    region = head.get("BucketRegion") or head["ResponseMetadata"]["HTTPHeaders"].get(
        "x-amz-bucket-region", ""
    )
    same = region in ("", site.region)
    yield judge(
        topic,
        same,
        f"{name} is in this account" if same else f"{name} lies in {region}; KFP wants it in {site.region}",
        answer("bucket_name", f"{name}-{site.region}"),
    )


def check_bucket_key(site: Site) -> Iterator[Line]:
    """An existing KMS key for the bucket exists and is enabled."""
    arn = site.answers.get("bucket_kms_key_arn")
    if not arn:
        return
    try:
        state = site.account.client("kms").describe_key(KeyId=arn)["KeyMetadata"]["KeyState"]
    except ClientError as error:
        if code_of(error) != "NotFoundException":
            raise
        yield missing("Key of the bucket", f"{arn} does not exist", site.aws("kms", "list-aliases"))
        return
    mend = "cancel-key-deletion" if state == "PendingDeletion" else "enable-key"
    yield judge(
        "Key of the bucket", state == "Enabled", f"{arn}: {state}", site.aws("kms", mend, "--key-id", arn)
    )


def check_secrets(site: Site) -> Iterator[Line]:
    """No secret that will be written waits for its deletion, and those that must exist do."""
    for name in _secrets_written(site):
        found = _secret(site, name)
        deleted = bool(found and found.get("DeletedDate"))
        yield judge(
            f"Secret {name}",
            not deleted,
            "is scheduled for deletion, which blocks its name"
            if deleted
            else "exists and will be kept" if found else "its name is free",
            site.aws("secretsmanager", "restore-secret", "--secret-id", name),
        )  # fmt: skip
    for name, content in _secrets_needed(site).items():
        found = _secret(site, name)
        there = bool(found and not found.get("DeletedDate"))
        yield judge(
            f"Secret {name}",
            there,
            "exists" if there else f"does not exist; it must hold {content}",
            site.aws("secretsmanager", "create-secret", "--name", name, "--secret-string", content),
        )


def check_instance_class(site: Site) -> Iterator[Line]:
    """RDS offers the instance class for MySQL in this region."""
    name = site.answers.get("database_instance_class")
    if name is None:
        return
    version = site.answers["database_version"]
    offers = site.account.pages(
        "rds", "describe_orderable_db_instance_options", "OrderableDBInstanceOptions",
        Engine="mysql", DBInstanceClass=name,
    )  # fmt: skip
    fits = any(
        offer["DBInstanceClass"] == name and offer["EngineVersion"].startswith(f"{version}.")
        for offer in offers
    )
    yield judge(
        "Database instance class",
        fits,
        f"{name} {'with' if fits else 'is not offered with'} MySQL {version} in {site.region}",
        site.aws(
            "rds", "describe-orderable-db-instance-options", "--engine", "mysql",
            "--query", "OrderableDBInstanceOptions[].[DBInstanceClass,EngineVersion]", "--output", "text",
        ),
    )  # fmt: skip


def check_file_systems(site: Site) -> Iterator[Line]:
    """Existing file systems are there and available."""
    efs_id = site.answers.get("efs_file_system_id")
    if efs_id:
        look = site.aws("efs", "describe-file-systems")
        try:
            found = site.account.client("efs").describe_file_systems(FileSystemId=efs_id)["FileSystems"]
            state = found[0]["LifeCycleState"]
        except ClientError as error:
            if code_of(error) != "FileSystemNotFound":
                raise
            state = "does not exist"
        yield judge("EFS file system", state == "available", f"{efs_id}: {state}", look)
    fsx_id = site.answers.get("fsx_file_system", {}).get("id")
    if fsx_id:
        yield _lustre(site, fsx_id)


def _lustre(site: Site, fsx_id: str) -> Line:
    topic, look = "Lustre file system", site.aws("fsx", "describe-file-systems")
    try:
        found = site.account.client("fsx").describe_file_systems(FileSystemIds=[fsx_id])["FileSystems"]
    except ClientError as error:
        if code_of(error) != "FileSystemNotFound":
            raise
        found = []
    if not found:
        return missing(topic, f"{fsx_id} does not exist", look)
    name = found[0].get("LustreConfiguration", {}).get("MountName")
    wanted = site.answers["fsx_file_system"]["mount_name"]
    if name != wanted:
        return missing(topic, f"{fsx_id} mounts as {name}; the answers say {wanted}", look)
    return ok(topic, fsx_id)


def _secret(site: Site, name: str) -> dict[str, object] | None:
    try:
        found: dict[str, object] = site.account.client("secretsmanager").describe_secret(SecretId=name)
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        return None
    return found


def _secrets_written(site: Site) -> list[str]:
    """Return the names of the secrets that the environment itself writes."""
    if "database_source" not in site.answers:
        return []
    names = [f"{site.answers['environment_name']}/{user}" for user in DATABASE_USERS]
    if site.answers.creates("database_source"):
        names += [f"{site.answers['environment_name']}/rds-master", site.answers["database_secret_name"]]
    return names


def _secrets_needed(site: Site) -> dict[str, str]:
    """Return the names of the secrets that must be there before, each with the shape of its content."""
    answers = site.answers
    needed: dict[str, tuple[str, ...]] = {}
    if answers.external("database_source"):
        needed[answers["database_secret_name"]] = ("username", "password", "host", "port")
    if "artifact_secret_name" in answers:
        needed[answers["artifact_secret_name"]] = ("accesskey", "secretkey")
    if answers.external("user_pool_source") and answers.get("login") == "cognito-oidc":
        needed[f"{answers['environment_name']}/oidc-client"] = ("client-id", "client-secret")
    for provider in [*answers.get("social_providers", []), *answers.get("oidc_providers", [])]:
        needed[provider["secret"]] = ("client_id", "client_secret")
    return {name: json.dumps(dict.fromkeys(keys, "...")) for name, keys in needed.items()}
