"""Two versions of an environment: what differs in the cluster, and what that does to AWS."""
