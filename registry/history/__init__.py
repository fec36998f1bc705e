"""What was: the changes of a device, the registry at an earlier time, and the course of a nested object's values.

Everything is read from the journal, as the reader's own view has it; nothing is written.
"""
