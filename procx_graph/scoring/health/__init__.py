"""Health: ten factors, weighed up."""
