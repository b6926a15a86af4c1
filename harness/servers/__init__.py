"""The servers of the embedded platform: one class each, its arguments and its health."""
