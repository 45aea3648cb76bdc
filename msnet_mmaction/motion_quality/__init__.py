"""How true the motion is that a network finds: errors, and TV-L1 to compare it with."""

from .optical_flow import tvl1_flow

__all__ = ['tvl1_flow']
