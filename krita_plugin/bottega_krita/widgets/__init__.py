"""The docker's parts: each a small widget that knows nothing of servers and documents."""
