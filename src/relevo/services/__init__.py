"""The services, in the order in which a machine gets them; each position has its reason."""
