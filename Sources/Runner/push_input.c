#include "arrow_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "data_socket.h"

struct push_input {
    uint64_t call;
    struct record_type record;
    bool has_schema;
    bool ended;
    struct failure failure;
};

static bool broken(struct push_input *input, const char *why) {
    return fail(&input->failure, TFC_INTERNAL, "host_breach", "the host's frames can't be read: %s", why);
}

/* The next frame if it is of this type, or `end`. */
static bool next_frame(struct push_input *input, uint16_t type, struct frame_header *header, uint8_t **body) {
    const char *why;
    if (data_receive(input->call, header, body, &why) == DATA_BROKEN)
        return broken(input, why);
    if (header->type == type || header->type == FRAME_END)
        return true;
    free(*body);
    return broken(input, "schema, batches, end is the order");
}

static bool read_schema(struct push_input *input) {
    struct frame_header header;
    uint8_t *body;
    if (input->has_schema)
        return true;
    if (input->failure.status != TFC_OK || !next_frame(input, FRAME_SCHEMA, &header, &body))
        return false;
    bool parsed = header.type == FRAME_SCHEMA
                      ? record_type_parse(&input->record, (tfc_str){(char *)body, header.length}, &input->failure)
                      : broken(input, "it ended before its schema");
    free(body);
    input->has_schema = parsed;
    return parsed;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
    struct push_input *input = stream->private_data;
    *out = (struct ArrowSchema){0};
    if (!read_schema(input))
        return EPROTO;
    record_type_export(&input->record, out);
    return 0;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    struct push_input *input = stream->private_data;
    struct frame_header header;
    uint8_t *body;
    *out = (struct ArrowArray){0};
    if (input->ended)
        return 0;
    if (!read_schema(input) || !next_frame(input, FRAME_BATCH, &header, &body))
        return EPROTO;
    if (header.type == FRAME_BATCH)
        return arrow_build(&input->record, body, header.length, out, &input->failure) ? 0 : EPROTO;
    free(body);
    input->ended = true;
    return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
    struct push_input *input = stream->private_data;
    if (input->failure.status == TFC_OK)
        return NULL;
    bytes_add(&input->failure.message, "", 1);
    return input->failure.message.ptr;
}

static void release_stream(struct ArrowArrayStream *stream) {
    struct push_input *input = stream->private_data;
    record_type_free(&input->record);
    failure_free(&input->failure);
    free(input);
    stream->release = NULL;
}

void push_input_open(uint64_t call, struct ArrowArrayStream *out) {
    struct push_input *input = need_zeroed(1, sizeof *input);
    input->call = call;
    *out = (struct ArrowArrayStream){get_schema, get_next, get_last_error, release_stream, input};
}
