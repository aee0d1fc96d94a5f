"""What is in a file, for a page: one kind of file a module. All are bounded."""
