"""What plug-ins and server say to each other: pure, without IO. SPEC.md describes the wire."""
