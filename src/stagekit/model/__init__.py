"""The network: a U-Net on a pretrained encoder, its weights as plain tensors, and its signature.

Only this room builds Keras graphs. TensorFlow is imported by the modules that need it, never by the package
itself, so that a stage which only reads a signature stays light.
"""
