"""Files written whole or not at all, work in several processes."""
