"""Values that AWS's documentation lists and botocore's models leave open."""

from __future__ import annotations

import re

BURSTABLE = "micro small medium large xlarge 2xlarge"
TO_16 = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge"
TO_24 = f"{TO_16} 24xlarge"
TO_32 = f"{TO_24} 32xlarge"
TO_48 = f"{TO_24} 48xlarge"
INSTANCE_CLASSES = {
    **dict.fromkeys(("t3", "t4g"), BURSTABLE),
    **dict.fromkeys(("m6g", "m6gd", "m7g", "r6g", "r6gd", "r7g", "x2g"), TO_16),
    **dict.fromkeys(("m5", "m5d", "r5", "r5b", "r5d"), TO_24),
    **dict.fromkeys(("m6i", "m6id", "m6idn", "m6in", "r6i", "r6id", "r6idn", "r6in"), TO_32),
    **dict.fromkeys(("m7i", "m8a", "m8g", "m8gd", "m9g", "r7i", "r8a", "r8g", "r8gd"), TO_48),
    "x2idn": "16xlarge 24xlarge 32xlarge",
    "x2iedn": "xlarge 2xlarge 4xlarge 8xlarge 16xlarge 24xlarge 32xlarge",
}
"""Sizes by family that RDS offers for MySQL 8 (RDS user guide, DB instance class types)."""

RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""What CloudWatch Logs' PutRetentionPolicy takes."""

ALLOWED: dict[tuple[str, str, str], tuple[object, ...]] = {
    ("rds.services.k8s.aws", "DBInstance", "dbInstanceClass"): tuple(
        f"db.{family}.{size}" for family, sizes in INSTANCE_CLASSES.items() for size in sizes.split()
    ),
    ("rds.services.k8s.aws", "DBInstance", "engine"): ("mysql",),
    ("rds.services.k8s.aws", "DBInstance", "storageType"): ("standard", "gp2", "gp3", "io1", "io2"),
    ("rds.services.k8s.aws", "DBInstance", "monitoringInterval"): (0, 1, 5, 10, 15, 30, 60),
    ("cloudwatchlogs.services.k8s.aws", "LogGroup", "retentionDays"): RETENTION_DAYS,
}
"""Values by group, kind and field of the spec."""

NAMES: dict[tuple[str, str], tuple[re.Pattern[str], str]] = {
    ("s3.services.k8s.aws", "Bucket"): (
        re.compile(r"(?!xn--|sthree-)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
        "a bucket name is 3 to 63 lower-case letters, digits, dots and hyphens, no sign first or last",
    ),
    ("rds.services.k8s.aws", "DBInstance"): (
        re.compile(r"(?!.*--)[a-z][a-z0-9-]{0,61}[a-z0-9]|[a-z]"),
        "a database identifier is 1 to 63 lower-case letters, digits and single hyphens, a letter first",
    ),
}
"""Rules for names, by group and kind."""
