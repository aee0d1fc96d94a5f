"""Draws photo-like pictures of animals with their trimaps: the data for a machine without the real photos.

One sample is a scene (`backdrop`, `clutter`), an animal (`pose`, `shape`) in a coat (`coat`, `breeds`),
things in front of it, light and camera (`light`), and the trimap of what is still visible (`trimap`).
`sample` puts them together. All randomness comes from one generator a sample, so that the same seed draws
the same bytes, whatever the number of samples.
"""
