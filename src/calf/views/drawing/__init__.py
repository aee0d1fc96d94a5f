"""Pictures of a DAG: laid out once, drawn as text, mermaid, dot or svg."""
