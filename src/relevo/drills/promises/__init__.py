"""One module a promise: what the platform says it does, tried by clients."""
