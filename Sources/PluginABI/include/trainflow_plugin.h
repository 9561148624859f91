/*
 * TrainFlow connector ABI, version 0.
 *
 * A connector is a shared object that exports one symbol, tfc_plugin_v0. It is loaded by trainflow-runner, a process of
 * its own for one operation of one tenant, inside a sandbox; what goes wrong in it never touches the host.
 *
 * Reading order: tfc_plugin (what you offer), tfc_host (what you are given), tfc_status (what errors make the host do),
 * the reserved columns, TFC_MANIFEST (how the manifest gets into your file). docs/connectors.md walks through a whole
 * connector, samples/connector-c is one to begin from; docs/manifest.schema.json is the form of the manifest.
 *
 * The calls of one pull, in their order (those in brackets only where they apply):
 *
 *     tfc_plugin_v0 → describe → open → pull → get_schema
 *       → for each batch: get_next [→ transform] → op_state → the batch's release
 *       → op_summary → the schema's release → the stream's release → op_close → close
 *
 * If a call fails, nothing follows but what gives back: a pull or push that failed left nothing behind, a stream
 * callback that failed is followed by op_error, the releases, op_close and close. Between two operations the connector
 * may be closed and opened again in the same process. When the process is told to end, it ends at once: no close, no
 * destructor; keep nothing for the end that matters.
 *
 * Rules that hold everywhere
 *  - Every struct begins with struct_size, set by who fills it to sizeof. Minor versions only append members: look at a
 *    member only if struct_size says that it is there. A NULL slot means "not offered"; only slots marked TFC_NULLABLE
 *    may be NULL, but the op_… slots may be if both pull and push are.
 *  - No exception, panic or longjmp may leave a function of yours.
 *  - In the JSON that you return, members are optional unless they are said to be needed; those that nobody knows are
 *    passed over, and null is the same as a member that is missing.
 *  - Texts are UTF-8 without NUL at the end. Lengths are bytes. Times are microseconds since 1970-01-01T00:00:00Z,
 *    durations are milliseconds, unless a name says otherwise. JSON is RFC 8259 to the letter, at most 64 levels deep.
 *  - Three lifetimes. tfc_str is borrowed: as a parameter valid until the call returns, as a result static or living as
 *    long as the object that it belongs to. tfc_blob, tfc_error and Arrow structs are owned by who holds them, and
 *    given back through their own release. What is marked [static] lives as long as the process. There is no shared
 *    malloc: nobody frees what another side allocated except through release.
 *  - Threads: [load] once, before anything else; [conn] one call at a time per tfc_connector; [op] one call at a time
 *    per tfc_op, stream callbacks and releases of its batches included; [any] from any thread at any time, also while
 *    another call is running. You may start threads of your own; they must be idle, or gone, after close.
 *  - A function that returns tfc_status fills *error only if it returns something else than TFC_OK, and *out only if it
 *    returns TFC_OK: the other one is not looked at. The caller hands them over zeroed, with struct_size set.
 *  - The Arrow structs follow the Arrow C data and C stream interfaces to the letter, and are moved by bit copy.
 *  - All that you return is checked. What breaks a rule ends the operation as TFC_PROTOCOL, with the slot named.
 *  - Descriptors 0 to 7 are the runner's. Never call exit, never print protocol: stdout and stderr become lines of the
 *    host's log, as log() does.
 */
#ifndef TRAINFLOW_PLUGIN_H
#define TRAINFLOW_PLUGIN_H

#include <stdint.h>

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#pragma clang assume_nonnull begin
#define TFC_NULLABLE _Nullable
#define TFC_NONNULL _Nonnull
#else
#define TFC_NULLABLE
#define TFC_NONNULL
#endif

/* Appended members: none yet. */
#define TFC_ABI_MINOR 0

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

/* Owned bytes. The holder calls release (if not NULL) exactly once; owner is the maker's. */
typedef struct tfc_blob {
    const uint8_t *TFC_NULLABLE ptr;
    uint64_t len;
    void (*TFC_NULLABLE release)(struct tfc_blob *);
    void *TFC_NULLABLE owner;
} tfc_blob;

/*
 * What went wrong, by what the host does about it. The returned status alone decides; code and message are for people.
 * "Retry" and "backoff" are about runs; of a test or discover somebody is told at once. "Backoff": tried again after
 * growing waits, 8 tries together, then failed. "Checkpoint": the token of the last batch that the host committed; it
 * commits several batches at once. What was committed stays, whatever happens.
 * Values are fixed for ever; another value than these counts as TFC_PROTOCOL.
 */
typedef int32_t tfc_status;
enum {
    TFC_OK = 0,
    TFC_CONFIG = 1,       /* A setting is wrong. No retry; the setting is named (detail_json: pointer). */
    TFC_AUTH = 2,         /* Credentials refused. No retry; somebody has to enter new ones. */
    TFC_FORBIDDEN = 3,    /* Signed in, but not allowed. No retry; the message says which right is missing. */
    TFC_NOT_FOUND = 4,    /* The stream, file or object is not there. No retry. */
    TFC_RATE_LIMIT = 5,   /* Too many requests. Retried after retry_after_ms (a day at most), backoff if that is 0. */
    TFC_UNAVAILABLE = 6,  /* The other side is down or breaks off. Backoff. */
    TFC_TIMEOUT = 7,      /* It did not answer in time. Backoff. */
    TFC_CANCELLED = 8,    /* The host asked to stop. The end, and not an error of yours. */
    TFC_DATA = 9,         /* The data as a whole can't be read. No retry. A spoiled row is not this: see _tf_error. */
    TFC_CONFLICT = 10,    /* Somebody else changed it meanwhile. Backoff. */
    TFC_UNSUPPORTED = 11, /* This connector doesn't do that. No retry. */
    TFC_STATE_LOST = 12,  /* The token can't be used any more. Once more from the start. */
    TFC_INTERNAL = 13, /* A bug in the connector. Once more from the checkpoint, then failed. A crash counts so too. */
    TFC_PROTOCOL = 14  /* The other side broke its own protocol. As TFC_INTERNAL. */
};

typedef struct tfc_error {
    uint32_t struct_size;   /* set by the caller; leave it */
    tfc_status status;      /* the same as what the function returns */
    int64_t retry_after_ms; /* 0: not said */
    int64_t vendor_code;    /* HTTP status, SQL error, SAP return code; 0: none. For the host's log */
    tfc_str code;           /* stable, of a-z 0-9 _, at most 64: "header_missing"; another is told as "unnamed" */
    tfc_str message;        /* one sentence: what happened and what to do; no secrets; at most 16 KiB */
    tfc_str detail_json;    /* empty, or an object; "pointer" is a JSON pointer into the settings; at most 64 KiB */
    void (*TFC_NULLABLE release)(struct tfc_error *); /* frees what the texts point at; the struct is the caller's */
    void *TFC_NULLABLE owner;
} tfc_error;

/* ---- What the host gives ---- */

/*
 * One call's context: opaque. What validate, open, test and discover are given is valid until they return, what pull
 * and push are given until op_close returns.
 */
typedef struct tfc_ctx tfc_ctx;

enum { TFC_LOG_DEBUG = 0, TFC_LOG_INFO = 1, TFC_LOG_WARNING = 2, TFC_LOG_ERROR = 3 };

/* The host's table lives as long as the process. Names and keys are 1 to 256 bytes, values at most 512 KiB; more is
   answered with TFC_PROTOCOL. */
typedef struct tfc_host {
    uint32_t struct_size;
    uint32_t abi_minor;

    /* An open descriptor for an input that the request names ("inputs": ["people.csv"]), positioned at 0, for reading,
       seekable if it is a file. It belongs to the host: don't close it. -1: no such input. [any] */
    int (*input)(tfc_ctx *, tfc_str name);
    /* The names of the call's inputs, in the host's order: a JSON array of texts, "[]" if there are none. test and
       discover have no request, so they find their files here. The text lives as long as the context. [any] */
    tfc_str (*inputs)(tfc_ctx *);

    /* One line into the host's log, with the run's id. fields_json is empty or an object. Longer messages than 16 KiB
       are cut. Never log secrets (known ones are masked). Waits while the host is behind. [any] */
    void (*log)(tfc_ctx *, int32_t level, tfc_str message, tfc_str fields_json);

    /* 1 once the host wants the operation to end: answer TFC_CANCELLED soon, within a second. [any] */
    int (*cancelled)(tfc_ctx *);
    /* A descriptor that turns readable when cancelled turns 1: for poll. Never read or close it. [any] */
    int (*cancel_descriptor)(tfc_ctx *);

    /* A credential by name. The bytes are wiped when released: hold them no longer than you must, copy them nowhere.
       TFC_NOT_FOUND if there is none. [any] */
    tfc_status (*secret)(tfc_ctx *, tfc_str name, tfc_blob *out);
    /* Replaces a credential (a rotated refresh token) for the next secret(). Durable when it returns TFC_OK. [any] */
    tfc_status (*secret_update)(tfc_ctx *, tfc_str name, tfc_str value);

    /* A small cache of the config for access tokens, encrypted by the host, shared by the config's operations.
       TFC_NOT_FOUND where there is none, or after it expired. [any] */
    tfc_status (*cache_get)(tfc_ctx *, tfc_str key, tfc_blob *out);
    tfc_status (*cache_put)(tfc_ctx *, tfc_str key, tfc_str value, int64_t expires_at_us);

    /* A further service by id, or NULL. Version 0 has none. [any] */
    const void *TFC_NULLABLE (*TFC_NONNULL service)(tfc_ctx *, tfc_str id);
} tfc_host;

/* ---- What a connector offers ---- */

typedef struct tfc_connector tfc_connector; /* yours: settings checked, nothing dialled yet */
typedef struct tfc_op tfc_op;               /* yours: one pull or push */

typedef struct tfc_plugin {
    uint32_t struct_size;
    uint32_t abi_minor; /* TFC_ABI_MINOR of the header you were built with */

    /* The manifest, byte for byte as in the ELF note; the host compares them. Called before open, perhaps again later,
       always by the thread that loaded you. [load] [static] */
    tfc_str (*describe)(void);

    /* Checks settings without any I/O and without credentials, before they are saved. *findings: JSON {"findings":
       [{"pointer","severity":"error|warning","code","message"}]}; severity and message are needed, pointer is a JSON
       pointer into the settings. An error keeps them from being saved. TFC_OK also when there are findings. Left out
       where no runner is free: open must refuse what it can't work with. [any] */
    tfc_status (*validate)(tfc_ctx *, tfc_str settings, tfc_blob *findings, tfc_error *);

    /* Makes a connector of settings, a JSON object that fits the manifest's schema, as it was entered: no defaults are
       filled in. No I/O. TFC_CONFIG for settings that make no sense together. [any] */
    tfc_status (*open)(tfc_ctx *, tfc_str settings, tfc_connector *TFC_NULLABLE *TFC_NONNULL out, tfc_error *);
    /* After the last operation was closed. [conn] */
    void (*close)(tfc_connector *);

    /* Tries the connection. *report: JSON {"ok":bool,"steps":[{"name","ok","skipped","ms","message","hint"}]}; names in
       this order where they apply: dns tcp tls auth permission sample clock_skew. Needed are ok, steps (it may be
       empty), and name and ok of each step; ms is a whole number, message and hint are texts. A step that was skipped
       has "ok":false,"skipped":true, and counts for nothing. A failed step is no error of the call: return TFC_OK.
       [conn] */
    tfc_status (*test)(tfc_connector *, tfc_ctx *, tfc_blob *report, tfc_error *);

    /* What there is to read. *streams: JSON {"streams":[{"name","fields":[{"name","type","nullable","sample"}],
       "key":[…],"cursor":"…"|null,"incremental":bool,"found":{"…":"…"}}]}. Needed are the names and types. type is an
       Arrow format string, sample a text whatever the type is ("true", "2024-02-29") or null, key holds field names;
       reserved columns are not listed. found: what you found out about the source by yourself, a file's encoding say,
       as texts by name. [conn] */
    tfc_status (*discover)(tfc_connector *, tfc_ctx *, tfc_blob *streams, tfc_error *);

    /* Starts reading. request: JSON {"stream":"…","inputs":["…"],"token":"base64"|null,"limit":N|null,"query":"…"|null,
       "batch_rows":N}; members that you don't know are to be passed over. *out is an Arrow stream of struct arrays, one
       a batch; see "Columns of a pulled batch". A batch may be of any size, 0 rows too; about batch_rows rows and a few
       megabytes keep memory flat. The end: leave the array as it was handed over, zeroed; one with release NULL and a
       length is a breach. stream: a name of the manifest or of discover; TFC_NOT_FOUND for others. limit: the end comes
       after so many rows of this pull. token: go on after what it covers; null at the begin of each run, a token only
       where that run goes on after a failure. [conn] */
    tfc_status (*TFC_NULLABLE pull)(tfc_connector *, tfc_ctx *, tfc_str request, tfc_op *TFC_NULLABLE *TFC_NONNULL op,
                                    struct ArrowArrayStream *out, tfc_error *);

    /* Starts writing. On TFC_OK you have moved *in (and set its release to NULL) or will before op_close; read it only
       inside push and inside the callbacks of *results, on the same thread. *results: a row for each row of `in` in its
       order: row (int64, counted from 0 over all batches), outcome (utf8: written skipped refused failed), code,
       message, remote_id (utf8 or null), retryable (bool). [conn] */
    tfc_status (*TFC_NULLABLE push)(tfc_connector *, tfc_ctx *, tfc_str request, struct ArrowArrayStream *in,
                                    tfc_op *TFC_NULLABLE *TFC_NONNULL op, struct ArrowArrayStream *results,
                                    tfc_error *);

    /* The connector's own normalisation of a batch that its pull made, in place, before the tenant's mapping: values
       may change, the schema may not. [conn] */
    tfc_status (*TFC_NULLABLE transform)(tfc_connector *, tfc_ctx *, struct ArrowSchema *, struct ArrowArray *inout,
                                         tfc_error *);

    /* The token that covers every batch handed out so far: a later pull with it goes on after them, in this version of
       the connector and the next. At most 64 KiB, opaque to the host; empty: nothing to go on from. Asked for after
       each batch. A token that is of no use any more is answered by pull with TFC_STATE_LOST. [op] */
    tfc_status (*op_state)(tfc_op *, tfc_blob *token, tfc_error *);
    /* The error behind a stream callback that returned something else than 0 (an errno, which means nothing to the
       host): fills *error and returns its status. TFC_OK would say that there is none, and is a breach. [op] */
    tfc_status (*op_error)(tfc_op *, tfc_error *);
    /* After the end: JSON {"complete":bool,"filtered":bool,"declared_total":N|null,"read":N,"warnings":[…],
       "schema_changed":bool,"found":{"…":"…"}}; complete and read are needed, warnings are texts, found as in discover.
       read: the rows of this pull. declared_total: what the source says that it has. filtered: less was asked for than
       there is. complete: all of a full snapshot was read, by this and the pulls that it went on from. Only this may
       prove an absence, so say it only if you know. [op] */
    tfc_status (*op_summary)(tfc_op *, tfc_blob *json, tfc_error *);
    /* Makes a running call of the operation return soon with TFC_CANCELLED. Comes from a thread of the host's own, at
       any time between pull or push and op_close, more than once, also when nothing runs. [any] */
    void (*op_cancel)(tfc_op *);
    /* After the stream was released, whatever happened before. [op] */
    void (*op_close)(tfc_op *);

    /* An extension of yours by id ("trainflow.sync/1", "x.vendor.thing/1"), or NULL. [any] [static] */
    const void *TFC_NULLABLE (*TFC_NULLABLE extension)(tfc_str id);
} tfc_plugin;

/* The one exported symbol. Returns a static table, or NULL if the host is too old for you. Called once, before all
   else. [load] */
TFC_EXPORT const tfc_plugin *TFC_NULLABLE tfc_plugin_v0(const tfc_host *host);

/* ---- Columns of a pulled batch ---- */

/*
 * Types, as Arrow format strings: b c C s S i I l L f g u U z Z tdD ttu tss: tsm: tsu: tsn: (with or without zone)
 * d:p,s (128 bits, p up to 38, s from 0 to p) +s +l, and dictionaries with index i of values u. Others are refused with
 * column and type named. The consumer accepts offset > 0, null_count -1, NULL for empty buffers, and any alignment. A
 * schema has 1 to 4,096 columns, nested ones counted, on at most 16 levels; names are 1 to 1,024 bytes and differ among
 * siblings (the child of a list needs none). A column without ARROW_FLAG_NULLABLE has no nulls; rows as a whole have
 * none. Names that begin with _tf_ are reserved for these:
 */

/* int64, no nulls: where the row stands. The stream's schema metadata must then say what it counts: "trainflow.locator"
   is "line", "row", "byte_offset" or "index"; "trainflow.source" names the file or object. */
#define TFC_COLUMN_AT "_tf_at"
/* utf8, null for a good row, else JSON {"code","field","message"} (field may be null): the source spoiled this row; it
   becomes a reject, and the rows around it go on. What stands in its other columns is not used. */
#define TFC_COLUMN_ERROR "_tf_error"
/* binary, only where _tf_error is set: the row's bytes as they stand in the source. */
#define TFC_COLUMN_RAW "_tf_raw"
/* int8: 0 put, 1 delete. Absent: all are puts. Today's host makes a delete a reject that says so. */
#define TFC_COLUMN_OP "_tf_op"
/* binary: which values a row lacks, where the source knows records that don't have every field: bit i of the bytes,
   least significant first, is 1 for column i, counted over the columns without reserved ones. Such a value is null.
   Null, or bytes left out: the row lacks none. What a row lacks says nothing, while a null may erase, as an empty text
   may. */
#define TFC_COLUMN_ABSENT "_tf_absent"

/* ---- The manifest's ELF note ---- */

/*
 * TFC_MANIFEST("path/manifest.json") at file scope of one C or C++ file puts the manifest into the ELF note that the
 * host reads without running code (section .note.trainflow, name "TrainFlow", type 1), and defines tfc_manifest_begin
 * and tfc_manifest_end around the same bytes, for describe. The assembler looks for the path in the working directory
 * and in the folders of -I. Works with gcc and clang; survives strip. At most 256 KiB.
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
#pragma clang diagnostic pop
#endif
#endif
