/* Has a manifest, but no entry point. */
#include "support.h"

tfc_str (*nosymbol_manifest)(void) = manifest;
