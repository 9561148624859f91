#include "FileImportManifest.h"

/*
 * Found by .incbin through the compiler's -I. The assembler's includes are unknown to the build system, so the file is
 * named a second time where the preprocessor reports it: a change of manifest.json alone compiles this file again.
 */
#if defined(__has_embed)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
static const unsigned char dependency[] __attribute__((unused)) = {
#embed "manifest.json" limit(1)
};
#pragma clang diagnostic pop
#endif

TFC_MANIFEST("manifest.json");

tfc_str file_import_manifest(void) {
    return (tfc_str){tfc_manifest_begin, (uint64_t)(tfc_manifest_end - tfc_manifest_begin)};
}
