"""Bottega inside GIMP 3: what is selected goes to the backend and comes back as a layer."""
