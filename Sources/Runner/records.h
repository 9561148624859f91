/* The operations that carry records. */
#ifndef RUNNER_RECORDS_H
#define RUNNER_RECORDS_H

#include "run.h"

/* schema, batches → the data socket; the summary → run->value. The caller sends `end`. */
void run_pull(struct run *run);
void run_push(struct run *run);

#endif
