"""The stack file: read with positions, checked, and resolved to the resources that it asks for."""
