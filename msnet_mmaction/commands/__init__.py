"""What only command lines use, a room each; nothing outside imports it."""
