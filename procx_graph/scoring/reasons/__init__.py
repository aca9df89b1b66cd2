"""Reasons behind scores: exact contributions, in plain words and pictures."""
