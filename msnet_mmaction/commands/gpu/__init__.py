"""A GPU proven and measured by one command, in one report."""
