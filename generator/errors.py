"""The root of all errors that a user can mend."""


class KfawsError(Exception):
    """One line for the user: what is wrong and what mends it. The command line prints it and exits with 1."""
