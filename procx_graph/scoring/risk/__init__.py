"""Churn risk: methods, baselines, levels."""
