"""The query sandbox (decisions D7 to D9): worker processes that run query texts from outside, each on its own copy.

`worker` is the process, `confinement` what it may not do, `channel` how it is spoken to, `handle` the server's end
of one worker, `pool` the QueryEngine made of several.
"""

from sparql.sandbox.pool import Sandbox
from sparql.sandbox.settings import SandboxSettings

__all__ = ["Sandbox", "SandboxSettings"]
