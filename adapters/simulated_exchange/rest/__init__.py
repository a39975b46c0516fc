"""The public REST calls and how requests and replies are framed."""
