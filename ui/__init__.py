"""The Gradio chat page: a client of the HTTP API."""
