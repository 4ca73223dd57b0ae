"""Singer tap for Horoshop."""
