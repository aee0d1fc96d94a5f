"""A notebook as a reproducible document: run without a network, canonical bytes, one HTML file."""
