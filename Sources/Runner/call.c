#include "call.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "secure.h"

static const struct {
    const char *name;
    enum operation operation;
} operations[] = {
    {"describe", OPERATION_DESCRIBE}, {"validate", OPERATION_VALIDATE}, {"test", OPERATION_TEST},
    {"discover", OPERATION_DISCOVER}, {"pull", OPERATION_PULL},         {"push", OPERATION_PUSH},
};

static bool read_operation(tfc_str body, enum operation *operation) {
    tfc_str value;
    if (!json_member(body, "op", &value) || value.len < 2)
        return false;
    tfc_str name = {value.ptr + 1, value.len - 2};
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        if (str_is(name, operations[i].name)) {
            *operation = operations[i].operation;
            return true;
        }
    return false;
}

/* An object's text as it stands; {} where the member is absent. */
static bool read_object(tfc_str body, const char *member, tfc_str *out) {
    if (!json_member(body, member, out)) {
        *out = str("{}");
        return true;
    }
    return json_is_object(*out);
}

static size_t count_members(tfc_str value) {
    struct json_walk walk = json_walk(value);
    tfc_str key, element;
    size_t count = 0;
    while (json_step(&walk, &key, &element))
        count++;
    return count;
}

static bool unescape(tfc_str json, tfc_str *text) {
    size_t len;
    char *room = need(json.len);
    if (!json_string(json, room, &len)) {
        free(room);
        return false;
    }
    *text = (tfc_str){room, len};
    return true;
}

/* Fills the next secret; what it holds is freed with the call, also after a failure. */
static bool read_secret(struct secret *secret, tfc_str key, tfc_str value) {
    tfc_str quoted_key = {key.ptr - 1, key.len + 2};
    if (!json_is_string(value) || !unescape(quoted_key, &secret->name))
        return false;
    secret->room = value.len;
    secret->value = secure_allocate(secret->room);
    return json_string(value, secret->value, &secret->len);
}

static bool read_secrets(struct call *call, tfc_str body) {
    tfc_str object, key, value;
    if (!json_member(body, "secrets", &object))
        return true;
    if (!json_is_object(object))
        return false;
    call->secrets = need_zeroed(count_members(object), sizeof *call->secrets);
    struct json_walk walk = json_walk(object);
    while (json_step(&walk, &key, &value)) {
        call->secret_count++;
        if (!read_secret(&call->secrets[call->secret_count - 1], key, value))
            return false;
    }
    return true;
}

static bool read_inputs(struct call *call, tfc_str body) {
    tfc_str array, key, value;
    if (!json_member(body, "inputs", &array))
        return true;
    if (!json_is_array(array))
        return false;
    call->inputs = need_zeroed(count_members(array), sizeof *call->inputs);
    struct json_walk walk = json_walk(array);
    while (json_step(&walk, &key, &value))
        if (!unescape(value, &call->inputs[call->input_count++]))
            return false;
    return true;
}

static const char *read_call(struct call *call, tfc_str body, size_t input_descriptors) {
    size_t where;
    if (call->number == 0)
        return "a call has a number other than 0";
    if (!json_valid_object(body, &where))
        return "the body of a call is a JSON object";
    if (!read_operation(body, &call->operation))
        return "op is describe, validate, test, discover, pull or push";
    if (!read_object(body, "settings", &call->settings))
        return "settings is an object";
    if (!read_object(body, "request", &call->request))
        return "request is an object";
    if (!read_secrets(call, body))
        return "secrets is an object of texts";
    if (!read_inputs(call, body))
        return "inputs is an array of texts";
    if (call->input_count > input_descriptors)
        return "the call names more inputs than --inputs said were handed in";
    return NULL;
}

struct call *call_parse(char *body, size_t len, uint64_t number, size_t input_descriptors, const char **why) {
    struct call *call = need_zeroed(1, sizeof *call);
    call->number = number;
    call->body = body;
    call->body_len = len;
    *why = read_call(call, (tfc_str){body, len}, input_descriptors);
    if (!*why)
        return call;
    call_free(call);
    return NULL;
}

static void free_text(tfc_str text) {
    free((void *)(uintptr_t)text.ptr);
}

void call_free(struct call *call) {
    for (size_t i = 0; i < call->secret_count; i++) {
        free_text(call->secrets[i].name);
        secure_free(call->secrets[i].value, call->secrets[i].room);
    }
    for (size_t i = 0; i < call->input_count; i++)
        free_text(call->inputs[i]);
    free(call->secrets);
    free(call->inputs);
    secure_free(call->body, call->body_len);
    free(call);
}

/* ---- Secrets ---- */

static struct secret *find_secret(const struct call *call, tfc_str name) {
    for (size_t i = 0; i < call->secret_count; i++)
        if (str_equal(call->secrets[i].name, name))
            return &call->secrets[i];
    return NULL;
}

static char *secure_copy(tfc_str text) {
    char *copy = secure_allocate(text.len);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return copy;
}

bool call_secret(const struct call *call, tfc_str name, char **value, size_t *len) {
    const struct secret *secret = find_secret(call, name);
    if (!secret)
        return false;
    *value = secure_copy((tfc_str){secret->value, secret->len});
    *len = secret->len;
    return true;
}

static struct secret *add_secret(struct call *call, tfc_str name) {
    struct secret *secrets = need_zeroed(call->secret_count + 1, sizeof *secrets);
    if (call->secret_count > 0)
        memcpy(secrets, call->secrets, call->secret_count * sizeof *secrets);
    free(call->secrets);
    call->secrets = secrets;
    char *copy = need(name.len);
    if (name.len > 0)
        memcpy(copy, name.ptr, name.len);
    secrets[call->secret_count].name = (tfc_str){copy, name.len};
    return &secrets[call->secret_count++];
}

void call_replace_secret(struct call *call, tfc_str name, tfc_str value) {
    struct secret *secret = find_secret(call, name);
    if (!secret)
        secret = add_secret(call, name);
    secure_free(secret->value, secret->room);
    secret->value = secure_copy(value);
    secret->len = secret->room = value.len;
}

/* ---- Answers ---- */

static const char *read_answer_value(tfc_str body, struct answer *answer) {
    tfc_str value;
    if (!json_member(body, "value", &value) || json_is_null(value))
        return NULL;
    if (!json_is_string(value))
        return "value of an answer is base64 text";
    tfc_str base64 = {value.ptr + 1, value.len - 2}; /* base64 has nothing to unescape */
    answer->value_room = base64.len;
    answer->value = secure_allocate(answer->value_room);
    if (base64_decode(base64, answer->value, &answer->value_len))
        return NULL;
    secure_free(answer->value, answer->value_room);
    answer->value = NULL;
    return "value of an answer is base64 text";
}

bool answer_parse(tfc_str body, struct answer *answer, const char **why) {
    *answer = (struct answer){0};
    size_t where;
    tfc_str value;
    int64_t status = 0;
    *why = "an answer is an object with the id of the service frame";
    if (!json_valid_object(body, &where) || !json_member(body, "id", &value) || !json_integer(value, &answer->id))
        return false;
    *why = "status of an answer is a number from 0 to 14";
    if (json_member(body, "status", &value) && !json_integer(value, &status))
        return false;
    if (status < TFC_OK || status > TFC_PROTOCOL)
        return false;
    answer->status = (tfc_status)status;
    *why = read_answer_value(body, answer);
    return *why == NULL;
}
