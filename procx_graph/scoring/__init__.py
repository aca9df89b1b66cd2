"""Scoring: customer tables to health, churn risk, drivers and revenue at risk."""
