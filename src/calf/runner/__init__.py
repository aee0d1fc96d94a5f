"""One datum in a sandbox, and the images that stages run in."""
