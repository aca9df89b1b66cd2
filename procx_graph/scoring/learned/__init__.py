"""The learned churn risk: what it reads, how it is fitted, when it is admitted, how it is kept."""
