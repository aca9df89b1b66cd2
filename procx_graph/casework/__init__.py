"""How people work on what the graph hands over: time, levels, and who takes what."""
