"""Pipeline specs as values, and strict parsing of them."""
