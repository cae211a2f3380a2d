"""What templates can call, by the names that Django looks for."""
