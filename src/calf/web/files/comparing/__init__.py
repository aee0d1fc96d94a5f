"""How a file differs in two commits, for a page: one kind of file a module. All are bounded."""
