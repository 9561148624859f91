#ifndef RUNNER_LOAD_H
#define RUNNER_LOAD_H

#include "trainflow_plugin.h"

/* Loads descriptor 4, asks it for its table and checks that; ends the process with the reason if it is not to be used.
 */
const tfc_plugin *load_connector(const tfc_host *host);
/* The connector's manifest, checked: UTF-8, a JSON object, not too long. */
tfc_str load_manifest(const tfc_plugin *plugin);

enum { MANIFEST_LIMIT = 256 << 10 };

#endif
