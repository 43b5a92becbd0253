"""The command `bottega`: the only place that wires the rooms together."""
