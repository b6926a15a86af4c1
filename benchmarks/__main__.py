"""Run every benchmark; exit with 1 when a target is missed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SUBJECTS = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))

if __name__ == "__main__":
    codes = [
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
        for name in SUBJECTS
    ]
    sys.exit(max(codes))
