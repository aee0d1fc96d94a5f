"""Small tools without opinions: durable writes, safe paths, ids, clock, cancelling, logs."""
