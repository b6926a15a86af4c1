"""The Common Expression Language, as far as kro definitions use it."""
