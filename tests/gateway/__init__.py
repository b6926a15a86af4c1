"""The gateway's filters in real Envoy: what they refuse, what they admit, and that nothing else lets in."""
