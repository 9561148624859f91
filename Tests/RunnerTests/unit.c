/*
 * The runner's pure parts as a program, for Tests/RunnerTests/test_units.py:
 *   unit fuzz SEED SECONDS   frames, calls, answers, schemas and batches: right ones are taken, spoiled ones crash
 * nothing unit json FILE...        "FILE valid" or "FILE invalid" unit utf8 HEX...         the length of the valid
 * beginning of each unit base64 HEX...       each in base64, after decoding that again
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "arrow_build.h"
#include "arrow_flatten.h"
#include "call.h"
#include "frames.h"
#include "json.h"
#include "secure.h"

static _Noreturn void wrong(const char *what) {
    fprintf(stderr, "unit: %s\n", what);
    abort();
}

/* ---- Chance: xorshift64*, so that a seed is a test ---- */

static uint64_t state;

static uint64_t chance(void) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545F4914F6CDD1Du;
}

static uint64_t below(uint64_t limit) {
    return chance() % limit;
}

/* ---- Right batches of a type, as the wire has them ---- */

struct draft {
    struct bytes nodes;
    struct bytes buffers;
};

static void add_buffer(struct draft *draft, const void *ptr, size_t len) {
    static const char zeros[64];
    bytes_add(&draft->buffers, ptr, len);
    bytes_add(&draft->buffers, zeros, (64 - len % 64) % 64);
}

static void add_node(struct draft *draft, uint64_t length, uint64_t nulls, const struct bytes buffers[3]) {
    uint64_t node[5] = {length, nulls, buffers[0].len, buffers[1].len, buffers[2].len};
    bytes_add(&draft->nodes, node, sizeof node);
    for (int i = 0; i < 3; i++)
        add_buffer(draft, buffers[i].ptr, buffers[i].len);
}

static bool is_valid(const struct bytes *validity, uint64_t row) {
    return validity->len == 0 || ((uint8_t)validity->ptr[row / 8] >> (row % 8) & 1) == 1;
}

static uint64_t draw_validity(const struct column_type *type, uint64_t length, struct bytes *validity) {
    uint64_t nulls = 0;
    if (!type->nullable || length == 0 || below(2) == 0)
        return 0;
    uint8_t *bits = need_zeroed((length + 7) / 8, 1);
    for (uint64_t row = 0; row < length; row++) {
        bool valid = row > 0 && below(3) > 0;
        bits[row / 8] |= (uint8_t)(valid << row % 8);
        nulls += !valid;
    }
    bytes_add(validity, bits, (length + 7) / 8);
    free(bits);
    return nulls;
}

static void draw_text(struct bytes *out, bool is_text) {
    static const char *const pieces[] = {"a", "Zoë", "€", "😀", "plain words", "\n", "ﷺ"};
    for (uint64_t i = below(4); i > 0; i--) {
        const char *piece = pieces[below(sizeof pieces / sizeof pieces[0])];
        bytes_add(out, piece, strlen(piece));
        if (!is_text)
            bytes_add(out, "\xFF", 1);
    }
}

static void draw_values(const struct column_type *type, uint64_t length, struct bytes buffers[3]) {
    int32_t end = 0;
    if (type->layout == LAYOUT_BYTES || type->layout == LAYOUT_LIST)
        bytes_add(&buffers[1], &end, 4);
    for (uint64_t row = 0; row < length; row++) {
        bool valid = is_valid(&buffers[0], row);
        uint8_t value[16] = {0};
        for (uint32_t i = 0; valid && i < type->width; i++)
            value[i] = (uint8_t)chance();
        if (type->layout == LAYOUT_FIXED)
            bytes_add(&buffers[2], value, type->width);
        if (type->layout == LAYOUT_BITS && row % 8 == 0)
            bytes_add(&buffers[2], "", 1);
        if (type->layout == LAYOUT_BITS && valid && below(2))
            buffers[2].ptr[row / 8] |= (char)(1 << row % 8);
        if (type->layout == LAYOUT_BYTES && valid)
            draw_text(&buffers[2], type->is_text);
        end = type->layout == LAYOUT_LIST ? end + (int32_t)below(3) : (int32_t)buffers[2].len;
        if (buffers[1].len > 0)
            bytes_add(&buffers[1], &end, 4);
    }
}

static void draw_column(struct draft *draft, const struct column_type *type, uint64_t length) {
    struct bytes buffers[3] = {{0}};
    uint64_t nulls = draw_validity(type, length, &buffers[0]);
    draw_values(type, length, buffers);
    add_node(draft, length, nulls, buffers);
    int32_t elements = 0;
    if (type->layout == LAYOUT_LIST)
        memcpy(&elements, buffers[1].ptr + buffers[1].len - 4, 4);
    for (size_t i = 0; i < type->child_count; i++)
        draw_column(draft, &type->children[i], type->layout == LAYOUT_LIST ? (uint64_t)elements : length);
    for (int i = 0; i < 3; i++)
        bytes_free(&buffers[i]);
}

static void draw_batch(const struct record_type *record, struct bytes *body) {
    static const char zeros[64];
    struct draft draft = {{0}, {0}};
    uint32_t rows = (uint32_t)below(40), token = (uint32_t)below(100);
    for (size_t i = 0; i < record->column_count; i++)
        draw_column(&draft, &record->columns[i], rows);
    uint32_t head[4] = {rows, (uint32_t)record->node_count, token, 0};
    bytes_add(body, head, sizeof head);
    bytes_add(body, draft.nodes.ptr, draft.nodes.len);
    for (uint32_t i = 0; i < token; i++)
        bytes_add(body, "t", 1);
    bytes_add(body, zeros, (64 - body->len % 64) % 64);
    bytes_add(body, draft.buffers.ptr, draft.buffers.len);
    bytes_free(&draft.nodes);
    bytes_free(&draft.buffers);
}

/* ---- Spoiling ---- */

static void spoil(struct bytes *data) {
    static const char *const pieces[] = {"\"",   "{",  "}", "[[[[[[[[", "\\u", "\\ud83d\\ude00", "\xFF\xFF\xFF\xFF",
                                         "null", ":,", "e9"};
    for (uint64_t i = 1 + below(5); i > 0 && data->len > 0; i--) {
        uint64_t at = below(data->len), many = 1 + below(8);
        const char *piece = pieces[below(sizeof pieces / sizeof pieces[0])];
        switch (below(6)) {
        case 0:
            data->ptr[at] = (char)chance();
            break;
        case 1:
            data->ptr[at] ^= (char)(1 << below(8));
            break;
        case 2:
            data->len = at;
            break;
        case 3:
            for (; many > 0 && at < data->len; many--, at++)
                data->ptr[at] = (char)(below(2) ? 0xFF : 0);
            break;
        case 4:
            for (; *piece && at < data->len; piece++, at++)
                data->ptr[at] = *piece;
            break;
        default:
            bytes_text(data, piece);
        }
    }
}

/* ---- One round each ---- */

static const char *const calls[] = {
    "{\"op\":\"pull\",\"settings\":{\"a\":[1,2,{\"b\":null}]},\"request\":{\"stream\":\"x\"},\"secrets\":{\"name\":"
    "\"va\\u00e9lue\","
    "\"\\ud83d\\ude00\":\"\"},\"inputs\":[\"people.csv\",\"b\\\\\"]}",
    "{\"op\":\"validate\"}",
    "{ \"inputs\" : [ ] , \"op\" : \"describe\" , \"secrets\" : { } }",
};

static void read_call(struct bytes *data, bool right) {
    char *body = secure_allocate(data->len);
    const char *why;
    if (data->len > 0)
        memcpy(body, data->ptr, data->len);
    struct call *call = call_parse(body, data->len, 1, 4, &why);
    if (right && !call)
        wrong(why);
    if (!call)
        return;
    char *value;
    size_t len;
    call_replace_secret(call, str("name"), str("another"));
    call_replace_secret(call, str("new"), str(""));
    if (!call_secret(call, str("name"), &value, &len) || len != 7)
        wrong("a replaced secret is not there");
    secure_free(value, len);
    call_free(call);
}

static void read_answer(struct bytes *data, bool right) {
    struct answer answer;
    const char *why;
    if (answer_parse(bytes_str(data), &answer, &why))
        secure_free(answer.value, answer.value_room);
    else if (right)
        wrong(why);
}

static const char *const schemas[] = {
    "{\"fields\":[{\"name\":\"a\",\"format\":\"u\",\"nullable\":true,\"children\":[]},{\"name\":\"b\",\"format\":\"l\","
    "\"nullable\":false}]}",
    "{\"fields\":[{\"name\":\"s\",\"format\":\"+s\",\"nullable\":true,\"children\":[{\"name\":\"t\",\"format\":\"+l\","
    "\"nullable\":true,"
    "\"children\":[{\"name\":\"\",\"format\":\"z\",\"nullable\":true}]},{\"name\":\"d\",\"format\":\"d:20,2\","
    "\"nullable\":true}]}]}",
    "{\"fields\":[{\"name\":\"b\",\"format\":\"b\",\"nullable\":true},{\"name\":\"l\",\"format\":\"+l\",\"nullable\":"
    "true,\"children\":["
    "{\"name\":\"x\",\"format\":\"+s\",\"nullable\":true,\"children\":[{\"name\":\"y\",\"format\":\"tsu:UTC\","
    "\"nullable\":true},"
    "{\"name\":\"z\",\"format\":\"u\",\"nullable\":true}]}]},{\"name\":\"c\",\"format\":\"C\",\"nullable\":true}]}",
};

static bool read_schema(tfc_str json, struct record_type *record, bool right) {
    struct failure failure = {0};
    struct ArrowSchema schema;
    bool good = record_type_parse(record, json, &failure);
    if (!good && right)
        wrong(failure.message.ptr);
    if (good) {
        record_type_export(record, &schema);
        schema.release(&schema);
    }
    failure_free(&failure);
    return good;
}

/* A right batch, taken and given again, is the same; whatever is taken can be given again. */
static void read_batch(const struct record_type *record, const struct bytes *data, bool right) {
    struct failure failure = {0};
    struct ArrowArray array;
    uint8_t *body = aligned_alloc(64, (data->len + 63) / 64 * 64 + 64);
    memcpy(body, data->ptr, data->len);
    bool good = arrow_build(record, body, data->len, &array, &failure);
    if (right && !good)
        wrong(failure.message.ptr);
    if (good && arrow_check(record, "unit", &array, &failure)) {
        uint32_t token_len;
        memcpy(&token_len, data->ptr + 8, 4);
        tfc_str token = {data->ptr + 16 + 40 * record->node_count, token_len};
        if (ftruncate(DATA_DESCRIPTOR, 0) != 0 || lseek(DATA_DESCRIPTOR, 0, SEEK_SET) != 0)
            wrong("the file in place of the data socket");
        if (!arrow_send(record, "unit", &array, token, 1, &failure))
            wrong("a batch that was taken can't be sent");
        char *sent = need(data->len);
        if (right && (pread(DATA_DESCRIPTOR, sent, data->len, FRAME_HEADER_BYTES) != (ssize_t)data->len ||
                      memcmp(sent, data->ptr, data->len) != 0))
            wrong("a batch that was taken is sent as another one");
        free(sent);
    } else if (right) {
        wrong(failure.message.ptr);
    }
    if (good)
        array.release(&array);
    failure_free(&failure);
}

static void one_round(void) {
    struct bytes data = {0};
    struct record_type record;
    bool right = below(4) == 0;
    const char *schema = schemas[below(3)];
    struct frame_header header;
    switch (below(5)) {
    case 0:
        bytes_text(&data, calls[below(3)]);
        if (!right)
            spoil(&data);
        read_call(&data, right);
        break;
    case 1:
        bytes_text(&data, "{\"id\":7,\"status\":4,\"value\":\"YWJjZA==\"}");
        if (!right)
            spoil(&data);
        read_answer(&data, right);
        break;
    case 2:
        bytes_text(&data, schema);
        if (!right)
            spoil(&data);
        read_schema(bytes_str(&data), &record, right);
        record_type_free(&record);
        break;
    case 3:
        for (int i = 0; i < FRAME_HEADER_BYTES; i++)
            bytes_add(&data, &(char){(char)chance()}, 1);
        if (frame_header_decode((uint8_t *)data.ptr, &header)) {
            uint8_t again[FRAME_HEADER_BYTES];
            frame_header_encode(again, header);
            if (memcmp(again, data.ptr, sizeof again) != 0)
                wrong("a header that was taken is given as another one");
        }
        break;
    default:
        read_schema(str(schema), &record, true);
        draw_batch(&record, &data);
        if (!right)
            spoil(&data);
        if (data.len > 0)
            read_batch(&record, &data, right);
        record_type_free(&record);
    }
    bytes_free(&data);
}

static int fuzz(uint64_t seed, double seconds) {
    struct timespec begin, now;
    uint64_t rounds = 0;
    int file = memfd_create("data", 0);
    if (file < 0 || dup2(file, DATA_DESCRIPTOR) < 0)
        wrong("no file in place of the data socket");
    state = seed;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    do {
        for (int i = 0; i < 1000; i++, rounds++)
            one_round();
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((double)(now.tv_sec - begin.tv_sec) + (double)(now.tv_nsec - begin.tv_nsec) / 1e9 < seconds);
    printf("fuzz: seed %llu, %llu rounds\n", (unsigned long long)seed, (unsigned long long)rounds);
    return 0;
}

/* ---- The others ---- */

static struct bytes from_hex(const char *hex) {
    struct bytes data = {0};
    for (; hex[0] && hex[1]; hex += 2) {
        char pair[3] = {hex[0], hex[1], 0};
        bytes_add(&data, &(char){(char)strtol(pair, NULL, 16)}, 1);
    }
    return data;
}

/* Walks everything: what is valid must also be walkable. */
static void walk(tfc_str value) {
    tfc_str key, element;
    char *room = need(value.len);
    size_t len;
    json_string(value, room, &len);
    free(room);
    for (struct json_walk at = json_walk(value); json_step(&at, &key, &element);)
        walk(element);
}

static void judge_json(const char *path) {
    struct bytes data = {0};
    char part[65536];
    size_t got, where;
    FILE *file = fopen(path, "rb");
    if (!file)
        wrong(path);
    while ((got = fread(part, 1, sizeof part, file)) > 0)
        bytes_add(&data, part, got);
    fclose(file);
    bool valid = json_valid(bytes_str(&data), &where);
    if (valid)
        walk(bytes_str(&data));
    printf("%s %s\n", path, valid ? "valid" : "invalid");
    bytes_free(&data);
}

static void judge_utf8(const char *hex) {
    struct bytes data = from_hex(hex);
    printf("%zu\n", utf8_valid_prefix(data.ptr, data.len));
    bytes_free(&data);
}

static void both_ways(const char *hex) {
    struct bytes data = from_hex(hex), text = {0};
    bytes_base64(&text, bytes_str(&data));
    uint8_t *back = need(text.len);
    size_t len;
    if (!base64_decode(bytes_str(&text), back, &len) || len != data.len ||
        (len > 0 && memcmp(back, data.ptr, len) != 0))
        wrong("base64 comes back as something else");
    printf("%.*s\n", (int)text.len, text.ptr ? text.ptr : "");
    free(back);
    bytes_free(&data);
    bytes_free(&text);
}

int main(int count, char **values) {
    if (count == 4 && strcmp(values[1], "fuzz") == 0)
        return fuzz(strtoull(values[2], NULL, 10), strtod(values[3], NULL));
    void (*judge)(const char *) = count < 2                          ? NULL
                                  : strcmp(values[1], "json") == 0   ? judge_json
                                  : strcmp(values[1], "utf8") == 0   ? judge_utf8
                                  : strcmp(values[1], "base64") == 0 ? both_ways
                                                                     : NULL;
    if (!judge)
        return 64;
    for (int i = 2; i < count; i++)
        judge(values[i]);
    return 0;
}
