"""The HTTP API and the `sanad` command line."""
