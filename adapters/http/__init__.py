"""The way in over HTTP: a Flask application, and the server that runs it."""
