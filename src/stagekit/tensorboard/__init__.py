"""Shows what tune left in TensorBoard: event files of its trials and of the model that goes on."""
