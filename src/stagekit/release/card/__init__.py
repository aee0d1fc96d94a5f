"""The model card: what the model is, how good it is, where it must not be trusted. Markdown, for people."""
