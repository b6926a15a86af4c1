"""CRDs that nothing here can give: derived from botocore's models, or written as tables.

kro type-checks definitions against them, and the claim reconciler works with their objects. Printer columns
are not in them, and of validation only types, required fields and Crossplane's rule for those.
"""

from kfaws.harness.crds.derived import GroupKind, derivable, derived_crds
from kfaws.harness.crds.needed import Needed, needed_crds

__all__ = ["GroupKind", "Needed", "derivable", "derived_crds", "needed_crds"]
