"""The HTTP interface: a Flask application, and the server that runs it."""
