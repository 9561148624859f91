/*
 * Batches of a connector, as `batch` frames. What the connector's buffers already hold in the wire's form is sent from
 * where it lies; only what differs (offsets, nulls, dictionaries, long offsets) is copied.
 */
#ifndef RUNNER_ARROW_FLATTEN_H
#define RUNNER_ARROW_FLATTEN_H

#include "arrow_types.h"
#include "data_socket.h"

/* Checks one struct array against the schema: shape, lengths, null counts, offsets, indices, UTF-8. */
bool arrow_check(const struct record_type *record, const char *slot, const struct ArrowArray *array,
                 struct failure *failure);

/*
 * Sends a checked batch, in pieces by rows if it is large: every piece but the last says that more of the batch follow,
 * the last one carries the token.
 */
bool arrow_send(const struct record_type *record, const char *slot, const struct ArrowArray *array, tfc_str token,
                uint64_t call, struct failure *failure);

#endif
