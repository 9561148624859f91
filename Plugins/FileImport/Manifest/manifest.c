/* The manifest as an ELF note comes with the connector. */
typedef int manifest_follows;
