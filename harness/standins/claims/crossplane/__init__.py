"""The kinds of Crossplane's AWS providers, and the table of them."""
