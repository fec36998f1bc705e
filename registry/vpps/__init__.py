"""Virtual power plants: devices that an aggregator puts together, and what they can give as one."""
