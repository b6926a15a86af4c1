"""One file a verb of `kfaws`; cli.py registers each by one line."""
