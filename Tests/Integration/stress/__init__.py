"""Callers that do what they like with the same containers, and whether an order of their calls explains each answer."""
