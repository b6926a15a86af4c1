"""A ready account for doctor to examine."""

from __future__ import annotations

import logging
import urllib.request
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import boto3
import moto.settings
import pytest
import yaml
from moto.server import ThreadedMotoServer

from kfaws.generator.doctor.inside import EBS_DRIVER
from kfaws.generator.doctor.kubectl import Kubectl
from kfaws.generator.doctor.site import ANSWERS_FILE, Account, Site
from kfaws.generator.programs import kubectl
from kfaws.generator.run import run
from tests.generator.doctor.servers import ApiServer, api_server, name_server
from tests.generator.doctor.world import REGION, Overlay, World


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # moto calls a certificate issued after a while, whether or not it was validated: here, at once.
    moto.settings.ACM_VALIDATION_WAIT = -1
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def accounts(moto_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Account]]:
    """The account by region; clients are made once, because each takes botocore a fifth of a second."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_ENDPOINT_URL", moto_url)
        patch.setenv("AWS_CONFIG_FILE", str(tmp_path_factory.mktemp("aws") / "no-config"))
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_REGION", REGION)
        session = boto3.Session(region_name=REGION)
        yield {region: Account(session, region) for region in (REGION, "ap-east-1")}


@pytest.fixture(scope="session")
def overlay(accounts: dict[str, Account]) -> Overlay:
    return Overlay(accounts[REGION].session)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ApiServer]:
    """A cluster with the EBS driver and a default StorageClass, which the current context names."""
    with api_server() as server:
        kubeconfig = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "kube",
            "contexts": [{"name": "kube", "context": {"cluster": "kube", "user": "me"}}],
            "clusters": [{"name": "kube", "cluster": {"server": server.url}}],
            "users": [{"name": "me", "user": {}}],
        }
        file = tmp_path / "kubeconfig"
        file.write_text(yaml.safe_dump(kubeconfig))
        monkeypatch.setenv("KUBECONFIG", str(file))
        driver = f"/apis/storage.k8s.io/v1/csidrivers/{EBS_DRIVER}"
        server.objects[driver] = {"metadata": {"name": EBS_DRIVER}}
        default = {"storageclass.kubernetes.io/is-default-class": "true"}
        server.objects["/apis/storage.k8s.io/v1/storageclasses"] = {
            "items": [{"metadata": {"name": "gp3", "annotations": default}}]
        }
        yield server


@pytest.fixture(scope="session")
def ready(moto_url: str, accounts: dict[str, Account], overlay: Overlay) -> Callable[[], World]:
    """Return the ready account; it is built anew only after a test that did something in it."""
    built: list[World] = []

    def get() -> World:
        if not built or built[0].touched:
            reset = urllib.request.Request(f"{moto_url}/moto-api/reset", method="POST")
            urllib.request.urlopen(reset).close()
            overlay.reset()
            built[:] = [World(accounts[REGION], overlay)]
            built[0].build()
        return built[0]

    return get


@pytest.fixture
def world(ready: Callable[[], World], cluster: ApiServer, repository: str) -> Iterator[World]:
    world = ready()
    answers, names = deepcopy(world.answers), deepcopy(world.name_servers)
    described = deepcopy(world.overlay.cluster)
    world.overlay.cluster["endpoint"] = cluster.url
    world.answers |= {"gitops_repository": repository, "gitops_revision": "main"}
    yield world
    world.answers, world.name_servers, world.files = answers, names, {}
    world.overlay.reset()
    world.overlay.cluster = described


SiteOf = Callable[[World], Site]


@pytest.fixture
def site_of(tmp_path: Path, accounts: dict[str, Account]) -> Iterator[SiteOf]:
    """Write a world's answers into a folder and return its site; the name server knows the world's zones."""
    names: dict[str, list[str]] = {}
    with name_server(names) as resolver:

        def build(world: World) -> Site:
            names.clear()
            names.update(world.name_servers)
            folder = tmp_path / "environment"
            folder.mkdir(exist_ok=True)
            (folder / ANSWERS_FILE).write_text(yaml.safe_dump(world.answers))
            for name, text in world.files.items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_text(text)
            region = world.answers["aws_region"]
            account = world.seen_by_doctor if region == REGION else accounts[region]
            return Site(folder, account, Kubectl(kubectl().path), resolver)

        yield build


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a git repository with a branch `main`."""
    folder = tmp_path_factory.mktemp("repository")
    git: list[Any] = ["git", "-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.com"]
    run(["git", "init", "-q", "-b", "main", folder])
    run([*git, "commit", "-q", "--allow-empty", "-m", "empty"])
    return folder.as_uri()
