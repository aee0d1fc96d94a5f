"""Jobs as work: which may start, how their datums are run, and what they leave behind."""
