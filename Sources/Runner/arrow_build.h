/* Batches of the host, as Arrow arrays: the other direction, for a push. */
#ifndef RUNNER_ARROW_BUILD_H
#define RUNNER_ARROW_BUILD_H

#include "arrow_types.h"

/*
 * One `batch` body as a struct array with its own release. Takes over the body, also when it fails; buffers point into
 * it, and it goes when the last array that does is released, on whatever thread. Every rule of docs/wire.md is checked.
 */
bool arrow_build(const struct record_type *record, uint8_t *body, size_t len, struct ArrowArray *out,
                 struct failure *failure);

/* The frames of a call as an Arrow stream: what `push` is given. Read it only inside push and the result stream. */
void push_input_open(uint64_t call, struct ArrowArrayStream *out);

#endif
