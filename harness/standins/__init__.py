"""Programs that stand in for what cannot run here; docs/fidelity.md says how they differ."""
