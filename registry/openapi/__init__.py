"""The description of the server's HTTP interface in OpenAPI 3.1, derived from the profile and from the rules in force.

It is documentation: nothing here is executed by the server, whose only judge of documents is SHACL.
"""

from registry.openapi.document import Description, description, document

__all__ = ["Description", "description", "document"]
