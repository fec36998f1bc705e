"""What a browser gets at /sparql: a plain page that says how to ask. No scripts, no tokens, nobody's data."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html import escape

_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color: #1c2b33; }
pre { background: #f1f4f5; padding: 1rem; overflow-x: auto; border-radius: .25rem; }
code { font-family: ui-monospace, monospace; font-size: .9em; }
td, th { text-align: left; padding: .1rem 1.5rem .1rem 0; vertical-align: top; }
@media (prefers-color-scheme: dark) {
  body { background: #14191c; color: #dfe6e9; } pre { background: #20282c; } a { color: #7cc4ff; }
}
"""
_DIGEST = b64encode(sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>SPARQL endpoint of the DER registry</title>
<style>{style}</style>
</head>
<body>
<h1>SPARQL endpoint of the DER registry</h1>
<p>This address answers queries in <a href="https://www.w3.org/TR/sparql11-query/">SPARQL 1.1</a>, sent by the
<a href="https://www.w3.org/TR/sparql11-protocol/">SPARQL 1.1 Protocol</a> with an access token. What you see is what
your role sees.</p>
<h2>Asking</h2>
<pre><code>curl -H "Authorization: Bearer $TOKEN" -H "Accept: text/csv" {endpoint} \\
     --data-urlencode 'query={example}'</code></pre>
<p>GET and POST both work; a POST of <code>application/sparql-query</code> has the query itself as its body. The header
<code>Accept</code>, or the parameter <code>format</code>, chooses how the result is written:</p>
<table>
<tr><th>SELECT, ASK</th><td><code>format=</code>json, xml, csv, tsv</td></tr>
<tr><th>CONSTRUCT, DESCRIBE</th><td><code>format=</code>turtle, nt, jsonld, rdfxml, nq, trig</td></tr>
</table>
<p>Without a query, the same address describes itself in RDF: your graphs, their sizes, and the functions there are.</p>
<h2>Prefixes that need not be declared</h2>
<table>
{prefixes}
</table>
</body>
</html>
"""
_EXAMPLE = """SELECT ?class (COUNT(?device) AS ?devices)
WHERE { ?device a flex:Device, ?class } GROUP BY ?class"""


def sparql_page(endpoint: str, prefixes: Mapping[str, str]) -> str:
    """Return the page of the endpoint at `endpoint`."""
    rows = (
        f"<tr><th><code>{escape(prefix)}:</code></th><td><code>{escape(name)}</code></td></tr>"
        for prefix, name in sorted(prefixes.items())
    )
    return _PAGE.format(
        style=_STYLE, endpoint=escape(endpoint), example=escape(_EXAMPLE, quote=False), prefixes="\n".join(rows)
    )
