"""Frames by their index: from videos, folders of pictures and a cache."""
