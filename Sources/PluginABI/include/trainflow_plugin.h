/*
 * TrainFlow connector ABI, version 0.
 *
 * A connector is a shared object that exports one symbol, tfc_plugin_v0. It is loaded by trainflow-runner, a process of
 * its own per operation, inside a sandbox; what goes wrong in it never touches the host.
 *
 * Reading order: tfc_plugin (what you offer), tfc_host (what you are given), tfc_status (what errors make the host do),
 * the reserved columns, TFC_MANIFEST (how the manifest gets into your file). docs/connectors.md walks through a whole
 * connector.
 *
 * Rules that hold everywhere
 *  - Every struct begins with struct_size, set by who fills it to sizeof. Minor versions only append members: look at a
 *    member only if struct_size says that it is there. A NULL slot means "not offered".
 *  - Texts are UTF-8 without NUL at the end. Lengths are bytes. Times are microseconds since 1970-01-01T00:00:00Z,
 *    durations are milliseconds, unless a name says otherwise.
 *  - Three lifetimes: tfc_str is borrowed (valid until the call returns; returned ones are static or live as long as
 * the object they belong to), tfc_blob and Arrow structs are owned by who holds them and given back through their own
 *    release, and what is marked [static] lives as long as the process. There is no shared malloc: nobody frees what
 *    another side allocated except through release.
 *  - Threads: [load] once, before anything else; [conn] one call at a time per tfc_connector; [op] one call at a time
 *    per tfc_op, streams included; [any] from any thread at any time, also while another call is running.
 *  - A function that returns tfc_status fills *error only if it returns something else than TFC_OK.
 *  - The Arrow structs follow the Arrow C data and C stream interfaces to the letter, and are moved by bit copy.
 */
#ifndef TRAINFLOW_PLUGIN_H
#define TRAINFLOW_PLUGIN_H

#include <stdint.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#define TFC_NULLABLE _Nullable
#define TFC_NONNULL _Nonnull
#else
#define TFC_NULLABLE
#define TFC_NONNULL
#endif

/* The entry point is exported even where everything else is hidden (-fvisibility=hidden). */
#define TFC_EXPORT __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Arrow C data interface, as published (https://arrow.apache.org/docs/format/CDataInterface.html) ---- */

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
    const char *TFC_NULLABLE format;
    const char *TFC_NULLABLE name;
    const char *TFC_NULLABLE metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema *TFC_NULLABLE *TFC_NULLABLE children;
    struct ArrowSchema *TFC_NULLABLE dictionary;
    void (*TFC_NULLABLE release)(struct ArrowSchema *);
    void *TFC_NULLABLE private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void *TFC_NULLABLE *TFC_NULLABLE buffers;
    struct ArrowArray *TFC_NULLABLE *TFC_NULLABLE children;
    struct ArrowArray *TFC_NULLABLE dictionary;
    void (*TFC_NULLABLE release)(struct ArrowArray *);
    void *TFC_NULLABLE private_data;
};
#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
    int (*TFC_NULLABLE get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*TFC_NULLABLE get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    const char *TFC_NULLABLE (*TFC_NULLABLE get_last_error)(struct ArrowArrayStream *);
    void (*TFC_NULLABLE release)(struct ArrowArrayStream *);
    void *TFC_NULLABLE private_data;
};
#endif

/* ---- Values ---- */

/* Borrowed UTF-8 text. ptr may be NULL if len is 0. */
typedef struct tfc_str {
    const char *TFC_NULLABLE ptr;
    uint64_t len;
} tfc_str;

/* Owned bytes. The holder calls release (if not NULL) exactly once. */
typedef struct tfc_blob {
    const uint8_t *TFC_NULLABLE ptr;
    uint64_t len;
    void (*TFC_NULLABLE release)(struct tfc_blob *);
    void *TFC_NULLABLE owner;
} tfc_blob;

/*
 * What went wrong, by what the host does about it. The status alone decides; code and message are for people.
 * Values are fixed for ever; a value the host does not know counts as TFC_INTERNAL.
 */
typedef int32_t tfc_status;
enum {
    TFC_OK = 0,
    TFC_CONFIG = 1,       /* A setting is wrong. No retry; the message is shown beside the setting (detail.pointer). */
    TFC_AUTH = 2,         /* Credentials refused. No retry; the config asks for new ones. */
    TFC_FORBIDDEN = 3,    /* Signed in, but not allowed. No retry. */
    TFC_NOT_FOUND = 4,    /* The stream, file or object is not there. No retry. */
    TFC_RATE_LIMIT = 5,   /* Too many requests. Retried after retry_after_ms. */
    TFC_UNAVAILABLE = 6,  /* The other side is down or breaks off. Retried with backoff, 8 tries. */
    TFC_TIMEOUT = 7,      /* It did not answer in time. As TFC_UNAVAILABLE. */
    TFC_CANCELLED = 8,    /* The host asked to stop. The end; not an error of yours. */
    TFC_DATA = 9,         /* The data as a whole can't be read. No retry. A spoiled row is not this: see _tf_error. */
    TFC_CONFLICT = 10,    /* Somebody else changed it meanwhile. As TFC_UNAVAILABLE. */
    TFC_UNSUPPORTED = 11, /* This connector doesn't do that. No retry. */
    TFC_STATE_LOST = 12,  /* The token can't be used any more. Read once more from the start. */
    TFC_INTERNAL = 13,    /* A bug in the connector. Once more from the checkpoint, then failed. */
    TFC_PROTOCOL = 14     /* The other side broke its own protocol. As TFC_INTERNAL. */
};

typedef struct tfc_error {
    uint32_t struct_size; /* set by the caller */
    tfc_status status;
    int64_t retry_after_ms; /* 0: not said */
    int64_t vendor_code;    /* HTTP status, SQL error, SAP return code; 0: none */
    tfc_str code;           /* stable, lower case with underscores: "header_missing" */
    tfc_str message;        /* one sentence: what happened and what to do; no secrets */
    tfc_str detail_json;    /* empty, or an object; "pointer" is a JSON pointer into the settings */
    void (*TFC_NULLABLE release)(struct tfc_error *);
    void *TFC_NULLABLE owner;
} tfc_error;

/* ---- What the host gives ---- */

typedef struct tfc_ctx tfc_ctx; /* one call's context: opaque, valid until the operation it was given to is closed */

enum { TFC_LOG_DEBUG = 0, TFC_LOG_INFO = 1, TFC_LOG_WARNING = 2, TFC_LOG_ERROR = 3 };

typedef struct tfc_host {
    uint32_t struct_size;
    uint32_t abi_minor;

    /* An open descriptor for an input that the request names ("inputs": ["people.csv"]), positioned at 0, readable;
       it belongs to the host: don't close it. -1: no such input. [any] */
    int (*input)(tfc_ctx *, tfc_str name);
    /* The names of the call's inputs, in the host's order: a JSON array of texts, "[]" if there are none. test and
       discover have no request, so they find their files here. The text lives as long as the context. [any] */
    tfc_str (*inputs)(tfc_ctx *);

    /* One line into the run's log. fields_json is empty or an object. Never log secrets (known ones are masked). [any]
     */
    void (*log)(tfc_ctx *, int32_t level, tfc_str message, tfc_str fields_json);

    /* 1 once the host wants the operation to end. [any] */
    int (*cancelled)(tfc_ctx *);
    /* A descriptor that turns readable when cancelled turns 1: for poll. Belongs to the host. [any] */
    int (*cancel_descriptor)(tfc_ctx *);

    /* A credential by name. The bytes are wiped when released. TFC_NOT_FOUND if there is none. [any] */
    tfc_status (*secret)(tfc_ctx *, tfc_str name, tfc_blob *out);
    /* Replaces a credential (a rotated refresh token). Durable when it returns TFC_OK. [any] */
    tfc_status (*secret_update)(tfc_ctx *, tfc_str name, tfc_str value);

    /* A small cache of the config for access tokens, encrypted by the host. TFC_NOT_FOUND after it expired. [any] */
    tfc_status (*cache_get)(tfc_ctx *, tfc_str key, tfc_blob *out);
    tfc_status (*cache_put)(tfc_ctx *, tfc_str key, tfc_str value, int64_t expires_at_us);

    /* A further service by id, or NULL. [any] */
    const void *TFC_NULLABLE (*TFC_NONNULL service)(tfc_ctx *, tfc_str id);
} tfc_host;

/* ---- What a connector offers ---- */

typedef struct tfc_connector tfc_connector; /* yours: settings checked, nothing dialled yet */
typedef struct tfc_op tfc_op;               /* yours: one pull or push */

typedef struct tfc_plugin {
    uint32_t struct_size;
    uint32_t abi_minor;

    /* The manifest, byte for byte as in the ELF note. [load] [static] */
    tfc_str (*describe)(void);

    /* Checks settings without any I/O. *findings: JSON {"findings":[{"pointer","severity":"error|warning","code",
       "message"}]}. TFC_OK also when there are findings. [any] */
    tfc_status (*validate)(tfc_ctx *, tfc_str settings, tfc_blob *findings, tfc_error *);

    /* Makes a connector of checked settings. No I/O. [any] */
    tfc_status (*open)(tfc_ctx *, tfc_str settings, tfc_connector *TFC_NULLABLE *TFC_NONNULL out, tfc_error *);
    /* After the last operation was closed. [conn] */
    void (*close)(tfc_connector *);

    /* *report: JSON {"ok":bool,"steps":[{"name","ok","skipped","ms","message","hint"}]}; names in this order where they
       apply: dns tcp tls auth permission sample clock_skew. A failed step is no error of the call. [conn] */
    tfc_status (*test)(tfc_connector *, tfc_ctx *, tfc_blob *report, tfc_error *);

    /* *streams: JSON {"streams":[{"name","fields":[{"name","type","nullable","sample"}],"key":[…],"cursor":"…"|null,
       "incremental":bool}]}. type is an Arrow format string. [conn] */
    tfc_status (*discover)(tfc_connector *, tfc_ctx *, tfc_blob *streams, tfc_error *);

    /* Starts reading. request: JSON {"stream":"…","inputs":["…"],"token":"base64"|null,"limit":N|null,"query":"…"|null,
       "batch_rows":N}. *out is an Arrow stream of struct arrays, one per batch; see "Reserved columns". [conn] */
    tfc_status (*TFC_NULLABLE pull)(tfc_connector *, tfc_ctx *, tfc_str request, tfc_op *TFC_NULLABLE *TFC_NONNULL op,
                                    struct ArrowArrayStream *out, tfc_error *);

    /* Starts writing: takes `in`, returns a stream of results, a row each in the order of `in`: row (int64), outcome
       (utf8: written skipped refused failed), code, message, remote_id (utf8), retryable (bool). [conn] */
    tfc_status (*TFC_NULLABLE push)(tfc_connector *, tfc_ctx *, tfc_str request, struct ArrowArrayStream *in,
                                    tfc_op *TFC_NULLABLE *TFC_NONNULL op, struct ArrowArrayStream *results,
                                    tfc_error *);

    /* The connector's own normalisation of a batch, in place, before the tenant's mapping. [conn] */
    tfc_status (*TFC_NULLABLE transform)(tfc_connector *, tfc_ctx *, struct ArrowSchema *, struct ArrowArray *inout,
                                         tfc_error *);

    /* The token that covers every batch handed out so far: a later pull with it goes on after them. At most 64 KiB.
       Opaque to the host. Version N+1 of a connector reads version N's token or answers TFC_STATE_LOST. [op] */
    tfc_status (*op_state)(tfc_op *, tfc_blob *token, tfc_error *);
    /* The error behind a stream callback that returned something else than 0. [op] */
    tfc_status (*op_error)(tfc_op *, tfc_error *);
    /* After the end: JSON {"complete":bool,"filtered":bool,"declared_total":N|null,"read":N,"warnings":[…],
       "schema_changed":bool}. complete: all of a full snapshot was read. Only this may prove an absence. [op] */
    tfc_status (*op_summary)(tfc_op *, tfc_blob *json, tfc_error *);
    /* Makes a running call of the operation return soon with TFC_CANCELLED. May come at any time, more than once. [any]
     */
    void (*op_cancel)(tfc_op *);
    /* After the stream was released, whatever happened before. [op] */
    void (*op_close)(tfc_op *);

    /* An extension of yours by id ("trainflow.sync/1", "x.vendor.thing/1"), or NULL. [any] [static] */
    const void *TFC_NULLABLE (*TFC_NULLABLE extension)(tfc_str id);
} tfc_plugin;

/* The one exported symbol. Returns a static table, or NULL if the host is too old. Called once, before all else. [load]
 */
TFC_EXPORT const tfc_plugin *TFC_NULLABLE tfc_plugin_v0(const tfc_host *host);

/* ---- Reserved columns of a pulled batch ---- */

/* int64, no nulls: where the row stands. The stream's schema metadata says what it counts: "trainflow.locator" is
   "line", "row", "byte_offset" or "index"; "trainflow.source" names the file or object. */
#define TFC_COLUMN_AT "_tf_at"
/* utf8, null for a good row: {"code","field","message"}: the source spoiled this row; it becomes a reject. */
#define TFC_COLUMN_ERROR "_tf_error"
/* binary, only where _tf_error is set: the row's bytes as they stand in the source. */
#define TFC_COLUMN_RAW "_tf_raw"
/* int8: 0 put, 1 delete. Absent: all are puts. */
#define TFC_COLUMN_OP "_tf_op"

/*
 * Types of columns, as Arrow format strings: b c C s S i I l L f g u U z Z tdD ttu tss: tsm: tsu: tsn: (with or without
 * zone) d:p,s (128 bits) +s +l, and dictionaries with index i of values u. Others are refused with column and type
 * named. The consumer accepts offset > 0, null_count -1, NULL for empty buffers, and any alignment.
 */

/* ---- The manifest's ELF note ---- */

/*
 * TFC_MANIFEST("path/manifest.json") at file scope of one C file puts the manifest into the ELF note that the host
 * reads without running code (section .note.trainflow, name "TrainFlow", type 1), and defines tfc_manifest_begin and
 * tfc_manifest_end around the same bytes, for describe. Works with gcc 12 and clang; survives strip.
 */
#define TFC_MANIFEST(path)                                                                                             \
    __asm__(".pushsection .note.trainflow,\"a\",%note\n"                                                               \
            ".balign 4\n"                                                                                              \
            ".long 10\n"                                                                                               \
            ".long tfc_manifest_end - tfc_manifest_begin\n"                                                            \
            ".long 1\n"                                                                                                \
            ".asciz \"TrainFlow\"\n"                                                                                   \
            ".balign 4\n"                                                                                              \
            ".hidden tfc_manifest_begin\n"                                                                             \
            ".hidden tfc_manifest_end\n"                                                                               \
            ".global tfc_manifest_begin\n"                                                                             \
            ".global tfc_manifest_end\n"                                                                               \
            "tfc_manifest_begin:\n"                                                                                    \
            ".incbin \"" path "\"\n"                                                                                   \
            "tfc_manifest_end:\n"                                                                                      \
            ".balign 4\n"                                                                                              \
            ".popsection\n");                                                                                          \
    extern const char tfc_manifest_begin[];                                                                            \
    extern const char tfc_manifest_end[]

#ifdef __cplusplus
}
#endif
#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
#endif
