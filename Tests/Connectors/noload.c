/* Needs a library that is not there: the loader refuses it. The build gives it a NEEDED entry that nothing answers. */
#include "support.h"

int libmissing_function(void);

const tfc_plugin *tfc_plugin_v0(const tfc_host *host) {
    (void)host;
    (void)manifest();
    return libmissing_function() ? NULL : NULL;
}
