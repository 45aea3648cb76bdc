"""The paper's experiments: published and measured figures side by side."""
