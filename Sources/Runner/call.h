/* What the host sends on the control socket, taken apart. Pure: bytes in, structs out. */
#ifndef RUNNER_CALL_H
#define RUNNER_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

enum operation {
    OPERATION_DESCRIBE,
    OPERATION_VALIDATE,
    OPERATION_TEST,
    OPERATION_DISCOVER,
    OPERATION_PULL,
    OPERATION_PUSH
};

struct secret {
    tfc_str name; /* malloc */
    char *value;  /* secure memory of `room` bytes */
    size_t len;
    size_t room;
};

struct call {
    uint64_t number;
    enum operation operation;
    tfc_str settings; /* JSON objects, as they stand in the body */
    tfc_str request;
    struct secret *secrets;
    size_t secret_count;
    tfc_str *inputs; /* malloc; input i is descriptor FIRST_INPUT_DESCRIPTOR + i */
    size_t input_count;
    char *body; /* secure memory: it holds the secrets too */
    size_t body_len;
};

/* Takes over the body (secure memory), also when it fails. NULL: *why says what is wrong with it. */
struct call *call_parse(char *body, size_t len, uint64_t number, size_t input_descriptors, const char **why);
void call_free(struct call *call);
/* The bytes are copied into secure memory; false: no such secret. */
bool call_secret(const struct call *call, tfc_str name, char **value, size_t *len);
/* Replaces or adds. */
void call_replace_secret(struct call *call, tfc_str name, tfc_str value);

struct answer {
    int64_t id;
    tfc_status status;
    uint8_t *value; /* secure memory of value_room bytes */
    size_t value_len;
    size_t value_room;
};

/* False: *why says what is wrong; nothing is held then. */
bool answer_parse(tfc_str body, struct answer *answer, const char **why);

#endif
