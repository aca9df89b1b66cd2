"""What the outside world tells: deliveries become events, events change the tables."""
