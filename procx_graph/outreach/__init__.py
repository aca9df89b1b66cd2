"""Whom we may write to, what we may offer, and the words we use."""
