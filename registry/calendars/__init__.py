"""Availability windows of devices: single intervals and weekly recurring ones, and the times that they add up to.

Pure values and functions. Nothing here knows devices, stores or HTTP.
"""

from registry.calendars.calendar import Calendar, Span
from registry.calendars.json_form import MOST_WINDOWS, WindowsError, read_windows, write_windows
from registry.calendars.windows import Once, Weekly, Window

__all__ = [
    "MOST_WINDOWS",
    "Calendar",
    "Once",
    "Span",
    "Weekly",
    "Window",
    "WindowsError",
    "read_windows",
    "write_windows",
]
