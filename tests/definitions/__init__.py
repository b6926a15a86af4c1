"""The claim API: definitions, claims, roles and what an environment was given. No server is needed."""
