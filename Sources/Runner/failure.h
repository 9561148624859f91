/* Why a call failed: what becomes an `error` frame. */
#ifndef RUNNER_FAILURE_H
#define RUNNER_FAILURE_H

#include "bytes.h"

struct failure {
    tfc_status status; /* TFC_OK: there is none */
    int64_t retry_after_ms;
    int64_t vendor_code;
    struct bytes code;
    struct bytes message;
    struct bytes detail; /* JSON object, or empty */
};

/* The first failure stands; later ones are dropped. All return false. */
bool fail(struct failure *failure, tfc_status status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The connector broke the contract: class protocol, code connector_breach, the slot's name first. */
bool fail_breach(struct failure *failure, const char *slot, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What the connector itself says went wrong. Checks the error, copies it and releases it. */
bool fail_with_error(struct failure *failure, const char *slot, tfc_status returned, tfc_error *error);

void failure_send(const struct failure *failure, uint64_t call);
void failure_free(struct failure *failure);

/* A connector's text for a message: at most `limit` bytes, cut at a character, made UTF-8 if it is not. */
void bytes_readable(struct bytes *bytes, const char *text, size_t len, size_t limit);

#endif
