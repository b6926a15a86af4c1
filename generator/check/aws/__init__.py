"""AWS's own models of its APIs, as botocore ships them, and the kinds that stand for their calls."""
