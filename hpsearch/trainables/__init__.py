"""What can be trained: the built-in network, and the user's own code."""
