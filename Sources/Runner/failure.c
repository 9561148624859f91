#include "failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "frames.h"
#include "json.h"

enum { CODE_LIMIT = 128, MESSAGE_LIMIT = 16 << 10, DETAIL_LIMIT = 64 << 10 };

static const char *const status_names[] = {
    "ok",        "config", "auth",     "forbidden",   "not_found",  "rate_limit", "unavailable", "timeout",
    "cancelled", "data",   "conflict", "unsupported", "state_lost", "internal",   "protocol",
};

void bytes_readable(struct bytes *bytes, const char *text, size_t len, size_t limit) {
    size_t room = bytes->len + limit;
    while (len > 0 && bytes->len < room) {
        size_t good = utf8_valid_prefix(text, len);
        if (good > room - bytes->len)
            good = utf8_valid_prefix(text, room - bytes->len);
        bytes_add(bytes, text, good);
        text += good;
        len -= good;
        if (len == 0 || bytes->len + 3 > room)
            return;
        bytes_text(bytes, "\xEF\xBF\xBD"); /* U+FFFD for the byte that begins no character */
        text++;
        len--;
    }
}

static void set(struct failure *failure, tfc_status status, const char *code, const char *prefix, const char *message) {
    failure->status = status;
    bytes_text(&failure->code, code);
    if (prefix)
        bytes_format(&failure->message, "%s: ", prefix);
    bytes_readable(&failure->message, message, strlen(message), MESSAGE_LIMIT);
}

bool fail(struct failure *failure, tfc_status status, const char *code, const char *format, ...) {
    char message[2048];
    va_list list;
    if (failure->status != TFC_OK)
        return false;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    set(failure, status, code, NULL, message);
    return false;
}

bool fail_breach(struct failure *failure, const char *slot, const char *format, ...) {
    char message[2048];
    va_list list;
    if (failure->status != TFC_OK)
        return false;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    set(failure, TFC_PROTOCOL, "connector_breach", slot, message);
    return false;
}

static bool check_text(struct failure *failure, const char *slot, const char *member, tfc_str text, size_t limit) {
    if (!text.ptr && text.len > 0)
        return fail_breach(failure, slot, "error.%s is NULL with a length of %llu", member,
                           (unsigned long long)text.len);
    if (text.len > limit)
        return fail_breach(failure, slot, "error.%s has %llu bytes; at most %zu are allowed", member,
                           (unsigned long long)text.len, limit);
    if (!utf8_valid(text.ptr, text.len))
        return fail_breach(failure, slot, "error.%s is not UTF-8", member);
    return true;
}

static bool check_error(struct failure *failure, const char *slot, tfc_status returned, const tfc_error *error) {
    if (returned < TFC_OK || returned > TFC_PROTOCOL)
        return fail_breach(failure, slot, "returned status %d, which the ABI does not have", returned);
    if (error->struct_size != sizeof *error)
        return fail_breach(failure, slot, "changed error.struct_size to %u; it belongs to the caller",
                           error->struct_size);
    if (!check_text(failure, slot, "code", error->code, CODE_LIMIT) ||
        !check_text(failure, slot, "message", error->message, MESSAGE_LIMIT) ||
        !check_text(failure, slot, "detail_json", error->detail_json, DETAIL_LIMIT))
        return false;
    size_t where;
    if (error->detail_json.len > 0 && !json_valid_object(error->detail_json, &where))
        return fail_breach(failure, slot, "error.detail_json is not a JSON object at byte %zu", where);
    if (error->retry_after_ms < 0)
        return fail_breach(failure, slot, "error.retry_after_ms is %lld", (long long)error->retry_after_ms);
    return true;
}

static void copy_error(struct failure *failure, const char *slot, tfc_status returned, const tfc_error *error) {
    failure->status = returned;
    failure->retry_after_ms = error->retry_after_ms;
    failure->vendor_code = error->vendor_code;
    bytes_add(&failure->code, error->code.ptr, error->code.len);
    bytes_add(&failure->message, error->message.ptr, error->message.len);
    bytes_add(&failure->detail, error->detail_json.ptr, error->detail_json.len);
    if (failure->code.len == 0)
        bytes_text(&failure->code, status_names[returned]);
    if (failure->message.len == 0)
        bytes_format(&failure->message, "%s failed as \"%s\"; the connector gave no message", slot,
                     status_names[returned]);
}

bool fail_with_error(struct failure *failure, const char *slot, tfc_status returned, tfc_error *error) {
    if (failure->status == TFC_OK && check_error(failure, slot, returned, error))
        copy_error(failure, slot, returned, error);
    if (error->release)
        error->release(error);
    return false;
}

void failure_send(const struct failure *failure, uint64_t call) {
    struct bytes body = {0};
    bytes_format(&body, "{\"status\":%d,\"code\":", failure->status);
    bytes_json(&body, bytes_str(&failure->code));
    bytes_text(&body, ",\"message\":");
    bytes_json(&body, bytes_str(&failure->message));
    bytes_format(&body, ",\"retry_after_ms\":%lld,\"vendor_code\":%lld,\"detail\":", (long long)failure->retry_after_ms,
                 (long long)failure->vendor_code);
    if (failure->detail.len > 0)
        bytes_add(&body, failure->detail.ptr, failure->detail.len);
    else
        bytes_text(&body, "null");
    bytes_text(&body, "}");
    control_send(FRAME_ERROR, call, bytes_str(&body));
    bytes_free(&body);
}

void failure_free(struct failure *failure) {
    bytes_free(&failure->code);
    bytes_free(&failure->message);
    bytes_free(&failure->detail);
    failure->status = TFC_OK;
}
