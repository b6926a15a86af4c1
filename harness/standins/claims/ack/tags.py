"""Tags of an object: what its spec says, and what the controller adds (ACK_RESOURCE_TAGS)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kfaws.generator.model import Object


def wanted(spec: Any, words: tuple[str, str], added: Mapping[str, str], item: Object) -> dict[str, str]:
    """All tags that the resource shall have; the spec wins over the controller's."""
    own = spec if isinstance(spec, Mapping) else {one[words[0]]: one.get(words[1], "") for one in spec or ()}
    return {**_expand(added, item), **own}


def _expand(added: Mapping[str, str], item: Object) -> dict[str, str]:
    metadata = item["metadata"]
    labels = metadata.get("labels") or {}
    known = {
        "%K8S_NAMESPACE%": metadata.get("namespace", ""),
        "%K8S_RESOURCE_NAME%": metadata["name"],
        "%K8S_RESOURCE_KIND%": item["kind"],
        "%CONTROLLER_SERVICE%": item["apiVersion"].split(".")[0],
        "%CONTROLLER_VERSION%": "unknown",
        "%MANAGED_BY%": labels.get("app.kubernetes.io/managed-by", ""),
        "%KRO_VERSION%": labels.get("kro.run/kro-version", ""),
    }
    tags = {}
    for key, text in added.items():
        for word, value in known.items():
            text = text.replace(word, value)
        if text:
            tags[key] = text
    return tags


def of_list(tags: Any, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """AWS's list of tags as a mapping, without AWS's own."""
    return {one[key]: one.get(value, "") for one in tags or () if not one[key].startswith("aws:")}
