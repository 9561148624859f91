/* One call into the connector, and what comes of it. */
#ifndef RUNNER_RUN_H
#define RUNNER_RUN_H

#include "call.h"
#include "data_socket.h"
#include "failure.h"

struct run {
    const tfc_plugin *plugin;
    struct call *call;
    tfc_ctx *context;
    tfc_connector *connector;
    struct bytes value; /* the result's JSON */
    struct failure failure;
};

enum { RESULT_LIMIT = CONTROL_BODY_LIMIT - 64 };

tfc_error fresh_error(void);
/* Which slot runs now: if the connector calls exit in it, the `stop` frame names it. */
void enter(const char *slot);
void leave_slot(void);

/* What a slot answered: a JSON object becomes the call's value, an error its failure. Releases both. */
void take_json(struct run *run, const char *slot, tfc_status status, tfc_blob *blob, tfc_error *error);
/* A blob's bytes, checked; released either way. */
bool take_blob(struct run *run, const char *slot, tfc_blob *blob, size_t limit, struct bytes *out);

#endif
