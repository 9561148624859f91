#include "services.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "failure.h"
#include "frames.h"
#include "json.h"
#include "secure.h"
#include "stop.h"

enum { NAME_LIMIT = 256, VALUE_LIMIT = 512 << 10, LOG_MESSAGE_LIMIT = 16 << 10, LOG_FIELDS_LIMIT = 64 << 10 };

struct tfc_ctx {
    struct call *call;
    struct bytes inputs; /* their names as a JSON array */
    pthread_mutex_t secrets_lock;
};

static tfc_ctx context = {.secrets_lock = PTHREAD_MUTEX_INITIALIZER};

tfc_ctx *services_begin(struct call *call) {
    context.call = call;
    bytes_text(&context.inputs, "[");
    for (size_t i = 0; i < call->input_count; i++) {
        bytes_text(&context.inputs, i > 0 ? "," : "");
        bytes_json(&context.inputs, call->inputs[i]);
    }
    bytes_text(&context.inputs, "]");
    return &context;
}

void services_end(void) {
    context.call = NULL;
    bytes_free(&context.inputs);
}

/* ---- Inputs, cancelling, log ---- */

static int input(tfc_ctx *ctx, tfc_str name) {
    for (size_t i = 0; ctx->call && i < ctx->call->input_count; i++)
        if (str_equal(ctx->call->inputs[i], name))
            return FIRST_INPUT_DESCRIPTOR + (int)i;
    return -1;
}

static tfc_str inputs(tfc_ctx *ctx) {
    return bytes_str(&ctx->inputs);
}

static int cancelled(tfc_ctx *ctx) {
    (void)ctx;
    return control_cancelled();
}

static int cancel_descriptor(tfc_ctx *ctx) {
    (void)ctx;
    return control_cancel_descriptor();
}

static void add_fields(struct bytes *body, tfc_str fields) {
    size_t where;
    if (fields.len > 0 && fields.ptr && fields.len <= LOG_FIELDS_LIMIT && json_valid_object(fields, &where))
        bytes_add(body, fields.ptr, fields.len);
    else
        bytes_text(body, "null");
}

static void send_log(tfc_ctx *ctx, int32_t level, tfc_str message, tfc_str fields) {
    (void)ctx;
    struct bytes body = {0}, text = {0};
    int32_t known = level < TFC_LOG_DEBUG ? TFC_LOG_DEBUG : level > TFC_LOG_ERROR ? TFC_LOG_ERROR : level;
    if (message.ptr)
        bytes_readable(&text, message.ptr, message.len, LOG_MESSAGE_LIMIT);
    bytes_format(&body, "{\"level\":%d,\"message\":", known);
    bytes_json(&body, bytes_str(&text));
    bytes_text(&body, ",\"fields\":");
    add_fields(&body, fields);
    bytes_text(&body, "}");
    control_send(FRAME_LOG, control_call_number(), bytes_str(&body));
    bytes_free(&body);
    bytes_free(&text);
}

/* ---- Secrets ---- */

struct secure_blob {
    void *ptr;
    size_t room;
};

static void release_secure(tfc_blob *blob) {
    struct secure_blob *owner = blob->owner;
    secure_free(owner->ptr, owner->room);
    free(owner);
    *blob = (tfc_blob){0};
}

/* Hands over secure memory of `room` bytes. */
static void give_secure(tfc_blob *out, void *ptr, size_t len, size_t room) {
    struct secure_blob *owner = need(sizeof *owner);
    *owner = (struct secure_blob){ptr, room};
    *out = (tfc_blob){.ptr = ptr, .len = len, .release = release_secure, .owner = owner};
}

static tfc_status secret(tfc_ctx *ctx, tfc_str name, tfc_blob *out) {
    char *value;
    size_t len;
    *out = (tfc_blob){0};
    pthread_mutex_lock(&ctx->secrets_lock);
    bool found = ctx->call && call_secret(ctx->call, name, &value, &len);
    pthread_mutex_unlock(&ctx->secrets_lock);
    if (!found)
        return TFC_NOT_FOUND;
    give_secure(out, value, len, len);
    return TFC_OK;
}

/* ---- What the host must answer ---- */

static bool may_ask(const tfc_ctx *ctx, tfc_str name, tfc_str value) {
    return ctx->call && name.ptr && name.len > 0 && name.len <= NAME_LIMIT && utf8_valid(name.ptr, name.len) &&
           value.len <= VALUE_LIMIT && (value.ptr || value.len == 0);
}

static struct answer ask(const char *service, tfc_str name, tfc_str value, int64_t expires_at_us) {
    struct bytes members = {0};
    bytes_format(&members, "\"service\":\"%s\",\"name\":", service);
    bytes_json(&members, name);
    bytes_text(&members, ",\"value\":\"");
    bytes_base64(&members, value);
    bytes_format(&members, "\",\"expires_at_us\":%lld", (long long)expires_at_us);
    struct answer answer = control_ask(bytes_str(&members));
    explicit_bzero(members.ptr, members.len);
    bytes_free(&members);
    return answer;
}

static tfc_status status_only(struct answer answer) {
    secure_free(answer.value, answer.value_room);
    return answer.status;
}

static tfc_status secret_update(tfc_ctx *ctx, tfc_str name, tfc_str value) {
    if (!may_ask(ctx, name, value))
        return TFC_PROTOCOL;
    tfc_status status = status_only(ask("secret_update", name, value, 0));
    if (status != TFC_OK)
        return status;
    pthread_mutex_lock(&ctx->secrets_lock);
    call_replace_secret(ctx->call, name, value);
    pthread_mutex_unlock(&ctx->secrets_lock);
    return TFC_OK;
}

static tfc_status cache_get(tfc_ctx *ctx, tfc_str key, tfc_blob *out) {
    tfc_str nothing = {NULL, 0};
    *out = (tfc_blob){0};
    if (!may_ask(ctx, key, nothing))
        return TFC_PROTOCOL;
    struct answer answer = ask("cache_get", key, nothing, 0);
    if (answer.status != TFC_OK || !answer.value)
        return answer.status == TFC_OK ? TFC_NOT_FOUND : status_only(answer);
    give_secure(out, answer.value, answer.value_len, answer.value_room);
    return TFC_OK;
}

static tfc_status cache_put(tfc_ctx *ctx, tfc_str key, tfc_str value, int64_t expires_at_us) {
    if (!may_ask(ctx, key, value))
        return TFC_PROTOCOL;
    return status_only(ask("cache_put", key, value, expires_at_us));
}

static const void *service(tfc_ctx *ctx, tfc_str id) {
    (void)ctx;
    (void)id;
    return NULL; /* version 0 has no further services */
}

const tfc_host host_services = {
    .struct_size = sizeof(tfc_host),
    .abi_minor = 0,
    .input = input,
    .inputs = inputs,
    .log = send_log,
    .cancelled = cancelled,
    .cancel_descriptor = cancel_descriptor,
    .secret = secret,
    .secret_update = secret_update,
    .cache_get = cache_get,
    .cache_put = cache_put,
    .service = service,
};
