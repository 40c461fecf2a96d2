"""ONNX models, read and written.

Door: `importer.read`, `exporter.write`.
"""
