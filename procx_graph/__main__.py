"""`python -m procx_graph` is the command `procx`."""

from procx_graph.cli import main

main()
