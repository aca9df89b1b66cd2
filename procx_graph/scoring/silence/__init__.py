"""The purchase model MBG/NBD: fitted to a base, and what it expects of each buyer."""
