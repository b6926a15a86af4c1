"""What the rendered objects say about the parts of an environment."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import orjson

from kfaws.generator.check.inventory import Item
from kfaws.generator.check.world import World
from kfaws.generator.model import Object

ALB = "alb.ingress.kubernetes.io/"
EFS_DRIVER = "efs.csi.aws.com"


class Facts:
    """Parts that exist, by the names that the diagram gives them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.answers: dict[str, Any] = world.answers
        self.applications = {
            rendered.application.name: rendered for rendered in world.environment.applications
        }

    def first(self, group: str, kind: str, name: str | None = None) -> Object | None:
        """The first object of a kind, rendered or made by kro of a claim; with `name` that one."""
        items = self._world.inventory.of(group, kind)
        return next((item.manifest for item in items if name in (None, item.key.name)), None)

    def spec(self, group: str, kind: str, field: str) -> str | None:
        """A field of the spec of the first object of a kind, as text."""
        found = self.first(group, kind)
        return str(found["spec"][field]) if found else None

    def data(self, name: str, field: str) -> str | None:
        """A field of a ConfigMap that Argo CD applies in place of a claim."""
        items = self._world.inventory.of("", "ConfigMap")
        given = [item for item in items if item.key.name == name and item.rendered]
        return str(given[0].manifest["data"][field]) if given else None

    def has_application(self, *names: str) -> bool:
        """Whether any of these Applications is there."""
        return any(name in self.applications for name in names)

    def mentions(self, application: str, text: str) -> bool:
        """Whether an Application's objects name a thing; one that could not be rendered is taken to."""
        rendered = self.applications.get(application)
        if rendered is None:
            return False
        return bool(rendered.not_rendered) or text.encode() in orjson.dumps(rendered.objects)

    def defines(self, text: str) -> bool:
        """Whether what kro makes of claims names a thing."""
        definitions = self._world.inventory.of("kro.run", "ResourceGraphDefinition")
        return any(text.encode() in orjson.dumps(item.manifest) for item in definitions)

    @cached_property
    def ingresses(self) -> list[Item]:
        """Ingresses of the load balancer."""
        return list(self._world.inventory.of("networking.k8s.io", "Ingress"))

    def ingress_says(self, annotation: str) -> str | None:
        """The value of an annotation of the load balancer's Ingresses, the first there is."""
        return next(
            (i.annotations[ALB + annotation] for i in self.ingresses if ALB + annotation in i.annotations),
            None,
        )

    @cached_property
    def dashboard_host(self) -> str | None:
        """The host at which the load balancer answers for the dashboard."""
        found = [item for item in self.ingresses if item.key.name == "dashboard"]
        return str(found[0].manifest["spec"]["rules"][0]["host"]) if found else None

    @cached_property
    def bucket(self) -> str | None:
        """The artifact bucket: claimed, or one of the answers."""
        claimed = self.spec("s3.services.k8s.aws", "Bucket", "name")
        return claimed or self.answers.get("bucket_name")

    @cached_property
    def provisioners(self) -> set[str]:
        """Drivers of all StorageClasses."""
        classes = self._world.inventory.of("storage.k8s.io", "StorageClass")
        return {item.manifest["provisioner"] for item in classes}

    @cached_property
    def external(self) -> list[str]:
        """Parts that were there before: the environment uses them and makes none."""
        made = {
            "certificate": self.first("acm.services.k8s.aws", "Certificate", "public-endpoint"),
            "pool": self.first("cognitoidp.aws.m.upbound.io", "UserPool"),
            "database": self.first("rds.services.k8s.aws", "DBInstance"),
            "bucket": self.first("s3.services.k8s.aws", "Bucket"),
            "efs": self.first("efs.services.k8s.aws", "FileSystem"),
            "fsx": self.first("fsx.aws.m.upbound.io", "LustreFileSystem"),
            "gateway": self.applications.get("istio"),
        }
        return [name for name, found in made.items() if found is None]
