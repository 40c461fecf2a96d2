"""The network file: from YAML to a Network, and back.

Door: `loading.load`, `save.save`, `network_file.schema_text`.
"""
