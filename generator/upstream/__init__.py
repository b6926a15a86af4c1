"""Where upstream repositories come from: mirror, cache, git or Go module proxy, all held to pins."""
