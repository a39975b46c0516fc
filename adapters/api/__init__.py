"""The API's words: what requests and answers are made of, for those on both sides."""
