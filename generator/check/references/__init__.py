"""What objects name: the fields that hold references, and what exists that a reference may mean."""
