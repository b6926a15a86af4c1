"""One file a verb of `kfaws`; kfaws/cli.py registers each by one line."""
