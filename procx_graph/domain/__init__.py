"""The nouns of the business: plain frozen models with no I/O and no framework below pydantic."""
