#ifndef RUNNER_OPERATIONS_H
#define RUNNER_OPERATIONS_H

#include "call.h"

/* Runs one call to its end and sends its `result` or `error`. */
void operation_run(const tfc_plugin *plugin, struct call *call, size_t input_descriptors);

#endif
