"""What the Bottega window is made of: GTK only, no image and no server."""
