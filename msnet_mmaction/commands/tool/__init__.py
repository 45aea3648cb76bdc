"""MMAction2's own scripts, run with this package imported."""
