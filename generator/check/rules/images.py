"""Images: pinned by a version or digest, and from the environment's own registry where it has one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.inventory import Item
from kfaws.generator.check.schemas.crds import is_crd
from kfaws.generator.check.walk import maps
from kfaws.generator.check.world import World

UNTAGGED = Rule(
    "image/untagged",
    "an image without a tag means `latest`: a restart of a pod may run other code than yesterday",
    "give the image a version, or its digest",
)
MUTABLE = Rule(
    "image/mutable-tag",
    "a tag that moves runs other code after a restart, and a roll-back cannot bring the old code back",
    "give the image a version, or its digest",
)
OUTSIDE = Rule(
    "image/outside-registry",
    "a cluster that pulls from the site's own registry only cannot start a pod with this image",
    "rewrite the image in platform/conventions (`images:`) or in the chart's values",
)

MOVING_TAGS = frozenset(
    {"latest", "main", "master", "stable", "edge", "nightly", "dev", "develop", "canary", "head", "rolling"}
)
REGISTRIES = (
    r"(?:docker\.io|ghcr\.io|quay\.io|(?:[a-z]+\.)?gcr\.io|registry\.k8s\.io|k8s\.gcr\.io|public\.ecr\.aws"
    r"|nvcr\.io|mcr\.microsoft\.com|xpkg\.(?:crossplane|upbound)\.io|[a-z-]+-docker\.pkg\.dev"
    r"|\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?)"
)
NAMED = rf"(?<![\w./-]){REGISTRIES}(?:/[a-z0-9._-]+)+"
PINNED = r"(?:(?::[\w.-]+)?@sha256:[0-9a-f]{64}|:[\w.-]+)"
IN_TEXT = re.compile(NAMED + PINNED)
IN_ARGUMENT = re.compile(f"{NAMED}(?:{PINNED})?")
ARGUMENTS = frozenset({"args", "command", "value"})
IMAGE_KEY = re.compile(r"""(?:^|[\s{,"'])image["']?\s*:\s*["']?([a-z0-9][\w./:@-]+)""")
PACKAGES = "pkg.crossplane.io"
PACKAGE_KINDS = frozenset({"Provider", "Function", "Configuration"})
TEMPLATED = ("${", "{{", "$(", "%s")
TAG_ELSEWHERE: dict[str, str] = {
    "FRONTEND_IMAGE": "KFP_VERSION is its tag",
    "VIEWER_TENSORBOARD_TF_IMAGE_NAME": "the page has the version of TensorFlow chosen",
}
"""Environment variables that name an image without its tag, and why."""


def check(world: World) -> Iterator[Breach]:
    """Images of every object but CRDs: fields, arguments, and the text of ConfigMaps."""
    registry = str(world.answers.get("image_registry") or "").rstrip("/")
    rewritten = _rewritten_packages(world)
    # The user's own images are where the user says.
    given = frozenset(world.answers.get("notebook_images") or ())
    for item in world.inventory.items:
        if is_crd(item.key):
            continue
        is_package = item.key.group == PACKAGES and item.key.kind in PACKAGE_KINDS
        for image in sorted(images_of(item) - given):
            yield from _image(item, _rewrite(image, rewritten) if is_package else image, registry)
        for image in sorted(_without_tag(item)):
            yield from _origin(item, image, registry)


def _rewritten_packages(world: World) -> dict[str, str]:
    """Prefixes of packages, and what Crossplane's ImageConfigs put in their place."""
    found: dict[str, str] = {}
    for item in world.inventory.of(PACKAGES, "ImageConfig"):
        spec = item.manifest.get("spec") or {}
        replacement = (spec.get("rewriteImage") or {}).get("prefix")
        if replacement:
            found |= {match["prefix"]: replacement for match in spec.get("matchImages") or ()}
    return found


def _rewrite(image: str, rewritten: dict[str, str]) -> str:
    """The package as Crossplane pulls it: the longest prefix that fits is replaced."""
    prefix = max((entry for entry in rewritten if image.startswith(entry)), key=len, default=None)
    return image if prefix is None else rewritten[prefix] + image.removeprefix(prefix)


def _without_tag(item: Item) -> set[str]:
    """Images whose tag is set elsewhere."""
    return {
        str(node["value"])
        for _, node in maps(item.manifest)
        if node.get("name") in TAG_ELSEWHERE and "value" in node
    }


def images_of(item: Item) -> set[str]:
    """Every image that an object names with its tag."""
    found = set(_fields(item.manifest))
    for path, text in item.strings:
        if path[:2] == ("metadata", "annotations") or "/" not in text:
            continue
        pattern = IN_ARGUMENT if ARGUMENTS & set(path) else IN_TEXT
        found |= set(pattern.findall(text))
        if "\n" in text or text.startswith("{"):
            found |= {name for name in IMAGE_KEY.findall(text) if "/" in name}
    if item.key.group == PACKAGES and item.key.kind in PACKAGE_KINDS:
        found.add(str((item.manifest.get("spec") or {}).get("package") or ""))
    found -= _without_tag(item)
    return {image for image in found if image and not any(mark in image for mark in TEMPLATED)}


def _fields(manifest: dict[str, Any]) -> Iterator[str]:
    """Values of `image` beside a container's name."""
    for _, node in maps(manifest):
        image = node.get("image")
        if isinstance(image, str) and "name" in node:
            yield image


def _image(item: Item, image: str, registry: str) -> Iterator[Breach]:
    _, tag, digest = parts(image)
    if not digest and not tag:
        yield UNTAGGED.found(item, f"image {image} has neither tag nor digest", hint=image)
    elif not digest and tag in MOVING_TAGS:
        yield MUTABLE.found(item, f"image {image} has the tag {tag}, which moves", hint=image)
    yield from _origin(item, image, registry)


def _origin(item: Item, image: str, registry: str) -> Iterator[Breach]:
    if registry and not image.startswith(f"{registry}/"):
        yield OUTSIDE.found(item, f"image {image} is not from {registry}", hint=parts(image)[0])


@lru_cache(maxsize=4096)
def parts(image: str) -> tuple[str, str, str]:
    """Name, tag and digest of an image; empty where there is none."""
    name, _, digest = image.partition("@")
    head, separator, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return f"{head}{separator}{last}", tag, digest
