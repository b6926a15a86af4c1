"""Steps of feature files: one module a subject."""
