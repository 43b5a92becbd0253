"""The IO for editors and scripts: a thread that pumps a session, and what is built on it."""
