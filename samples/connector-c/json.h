/*
 * The little JSON reading that a connector needs: members of one object. What the host hands over is JSON to the letter
 * (settings fit the manifest's schema besides), so that nothing is checked twice here.
 */
#ifndef JSON_H
#define JSON_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trainflow_plugin.h"

static const char *json_skip_space(const char *at, const char *end) {
    while (at < end && memchr(" \t\r\n", *at, 4))
        at++;
    return at;
}

/* Behind the value that begins at `at`. */
static const char *json_skip_value(const char *at, const char *end) {
    int depth = 0;
    do {
        if (*at == '"') {
            for (at++; *at != '"'; at++)
                at += *at == '\\';
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if (*at == '}' || *at == ']') {
            depth--;
        } else if (depth == 0) { /* a number or a word */
            while (at < end && !memchr(",}] \t\r\n", *at, 7))
                at++;
            return at;
        }
        at++;
    } while (depth > 0);
    return at;
}

/* The text of an object's member, `"Ann"` with its quotes; empty if there is none. Names are compared as they are
   written: plain ones have no escapes. */
static tfc_str json_member(tfc_str object, const char *name) {
    const char *at = object.ptr, *end = object.ptr + object.len;
    at = json_skip_space(at, end) + 1;
    for (;;) {
        const char *key = json_skip_space(at, end);
        if (*key != '"')
            return (tfc_str){0};
        const char *behind = json_skip_value(key, end);
        const char *value = json_skip_space(json_skip_space(behind, end) + 1, end);
        at = json_skip_value(value, end);
        if ((size_t)(behind - key) == strlen(name) + 2 && memcmp(key + 1, name, strlen(name)) == 0)
            return (tfc_str){value, (uint64_t)(at - value)};
        at = json_skip_space(at, end);
        at += *at == ',';
    }
}

/* A whole number; `otherwise` if the member is missing or null. 5, 5.0 and 5e0 are the same number in JSON. */
static int64_t json_integer(tfc_str object, const char *name, int64_t otherwise) {
    tfc_str value = json_member(object, name);
    char digits[64] = {0};
    if (value.len == 0 || value.len >= sizeof digits || *value.ptr == 'n')
        return otherwise;
    memcpy(digits, value.ptr, value.len);
    return strpbrk(digits, ".eE") ? (int64_t)strtod(digits, NULL) : strtoll(digits, NULL, 10);
}

static unsigned json_hex4(const char *digits) {
    char copy[5] = {digits[0], digits[1], digits[2], digits[3], 0};
    return (unsigned)strtoul(copy, NULL, 16);
}

static size_t json_utf8(unsigned code, char *out) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    out[0] = (char)((more == 1 ? 0xC0 : more == 2 ? 0xE0 : 0xF0) | code >> 6 * more);
    for (size_t i = 1; i <= more; i++)
        out[i] = (char)(0x80 | (code >> 6 * (more - i) & 0x3F));
    return more + 1;
}

/* A text without its escapes, with a NUL behind it; empty if the member is missing or null. Ends before a character for
   which there is no room: the manifest's maxLength counts characters, of up to 4 bytes. */
static void json_text(tfc_str object, const char *name, char *out, size_t room) {
    tfc_str value = json_member(object, name);
    size_t used = 0;
    const char *at = NULL, *end = NULL;
    if (value.len >= 2 && *value.ptr == '"') {
        at = value.ptr + 1;
        end = value.ptr + value.len - 1;
    }
    while (at < end) {
        char character[4];
        size_t length = 1;
        if (*at != '\\') {
            while (at + length < end && (at[length] & 0xC0) == 0x80)
                length++;
            memcpy(character, at, length);
            at += length;
        } else if (at[1] == 'u') {
            unsigned code = json_hex4(at + 2);
            at += 6;
            if (code >> 10 == 0x36) { /* the first half of a pair */
                code = 0x10000 + ((code & 0x3FF) << 10) + (json_hex4(at + 2) & 0x3FF);
                at += 6;
            }
            length = json_utf8(code, character);
        } else {
            static const char escapes[] = "b\bf\fn\nr\rt\t";
            const char *known = memchr("bfnrt", at[1], 5) ? strchr(escapes, at[1]) : NULL;
            character[0] = known ? known[1] : at[1];
            at += 2;
        }
        if (used + length >= room)
            break;
        memcpy(out + used, character, length);
        used += length;
    }
    out[used] = 0;
}

/* Base64 with padding (RFC 4648), as request.token has it; ends at the first character that is none of it. */
static void json_base64(tfc_str text, char *out, size_t room) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = 0, count = 0;
    size_t used = 0;
    for (uint64_t i = 0; i < text.len && used + 1 < room; i++) {
        const char *digit = text.ptr[i] ? strchr(digits, text.ptr[i]) : NULL;
        if (!digit)
            break;
        bits = bits << 6 | (unsigned)(digit - digits);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[used++] = (char)(bits >> count);
        }
    }
    out[used] = 0;
}

#endif
