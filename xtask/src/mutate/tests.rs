//! What is planted in snippets.
