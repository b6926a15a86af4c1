"""The kinds of ACK, a module a service, and the table of them."""
