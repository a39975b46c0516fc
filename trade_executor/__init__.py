"""What an installation puts into site-packages; ``setup.py`` says how it is made."""
