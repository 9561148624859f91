/* Frames on the two sockets: docs/wire.md. */
#ifndef RUNNER_FRAMES_H
#define RUNNER_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "trainflow_plugin.h"

enum {
    CONTROL_DESCRIPTOR = 3,
    CONNECTOR_DESCRIPTOR = 4,
    DATA_DESCRIPTOR = 5,
    RUNTIME_DESCRIPTOR = 6,
    SCRATCH_DESCRIPTOR = 7,
    FIRST_INPUT_DESCRIPTOR = 8,
};

enum {
    FRAME_CALL = 1,
    FRAME_CANCEL = 2,
    FRAME_ANSWER = 3,
    FRAME_READY = 16,
    FRAME_RESULT = 17,
    FRAME_ERROR = 18,
    FRAME_LOG = 19,
    FRAME_SERVICE = 20,
    FRAME_STOP = 21,
    FRAME_SCHEMA = 32,
    FRAME_BATCH = 33,
    FRAME_END = 34,
};

enum {
    FRAME_HEADER_BYTES = 16,
    CONTROL_BODY_LIMIT = 1 << 20,
    SCHEMA_BODY_LIMIT = 1 << 20,
    DATA_BODY_LIMIT = 64 << 20,
    TOKEN_LIMIT = 65536,
};

/* Flags of a batch, bytes 12 to 15 of its body. */
enum { BATCH_IS_PARTIAL = 1 };

/* What a batch may hold beside its bytes: values of all columns, and values inside lists, however deep. */
enum {
    VALUES_LIMIT = 4000000,
    LIST_VALUES_LIMIT = 1000000,
};

struct frame_header {
    uint32_t length;
    uint16_t type;
    uint64_t call;
};

void frame_header_encode(uint8_t out[FRAME_HEADER_BYTES], struct frame_header header);
/* False: the reserved bytes are not 0. */
bool frame_header_decode(const uint8_t in[FRAME_HEADER_BYTES], struct frame_header *header);

enum read_outcome { READ_WHOLE, READ_ENDED, READ_TORN };
/* Exactly len bytes from a blocking descriptor. READ_ENDED: the end came before the first byte. */
enum read_outcome read_exactly(int descriptor, void *out, size_t len);
/*
 * All of it, in order, whatever the kernel takes at a time. Changes the vectors. False: the peer is gone.
 * make_room waits until a descriptor that doesn't block takes more; NULL for one that blocks.
 */
bool write_vectors(int descriptor, struct iovec *vectors, size_t count, bool (*make_room)(void));

/* One control frame, whole, from any thread. Ends the process if the host is gone. */
void control_send(uint16_t type, uint64_t call, tfc_str body);
/* The last frame of a process that is about to end: waits only a moment for its turn. */
void control_send_last(uint16_t type, const char *body, size_t len);

#endif
