"""Gradient flow: followed to tight tolerance, and raced to the time to grok over whole grids."""
