#ifndef FILE_IMPORT_MANIFEST_H
#define FILE_IMPORT_MANIFEST_H

#include <trainflow_plugin.h>

/* The text of manifest.json, as it stands in the ELF note. */
tfc_str file_import_manifest(void);

#endif
