"""How two files differ, said in the words of what they are: one kind of file a module."""
