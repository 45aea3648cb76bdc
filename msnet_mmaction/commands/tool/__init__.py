"""MMAction2's own scripts, none of which is copied."""
