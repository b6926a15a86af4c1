"""What must be quick, measured: one script a subject, each run by itself or all by `python -m benchmarks`."""
