"""Geometry on the globe in CRS84 (degrees, longitude first): distances, shapes, and the grid that indexes points.

Knows nothing of devices, triples or requests.
"""
