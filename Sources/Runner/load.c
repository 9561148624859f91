#include "load.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "frames.h"
#include "json.h"
#include "stop.h"

static const char connector_path[] = "/proc/self/fd/4";

/* The loader's words without the name that only means something in here. */
static const char *loader_message(void) {
    const char *message = dlerror();
    if (!message)
        return "no reason given";
    size_t prefix = sizeof connector_path - 1;
    if (strncmp(message, connector_path, prefix) == 0 && strncmp(message + prefix, ": ", 2) == 0)
        return message + prefix + 2;
    return message;
}

/* Never unloaded: the Swift runtime keeps pointers into every image that it has seen. */
static void *open_connector(void) {
    current_slot = "its constructors, while it was loaded";
    void *library = dlopen(connector_path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    current_slot = NULL;
    if (!library)
        stop("load", "%s", loader_message());
    close(CONNECTOR_DESCRIPTOR);
    return library;
}

typedef const tfc_plugin *entry_function(const tfc_host *);

static entry_function *find_entry(void *library) {
    union {
        void *object;
        entry_function *function;
    } symbol = {.object = dlsym(library, "tfc_plugin_v0")};
    if (!symbol.object)
        stop("symbol", "the connector exports no tfc_plugin_v0: it is no TrainFlow connector, or was built for another "
                       "version of the ABI");
    return symbol.function;
}

/* ---- The table ---- */

struct slot {
    const char *name;
    size_t offset;
};

#define SLOT(name)                                                                                                     \
    { #name, offsetof(tfc_plugin, name) }
static const struct slot needed_always[] = {SLOT(describe), SLOT(validate), SLOT(open),
                                            SLOT(close),    SLOT(test),     SLOT(discover)};
static const struct slot needed_by_operations[] = {SLOT(op_state), SLOT(op_error), SLOT(op_summary), SLOT(op_cancel),
                                                   SLOT(op_close)};
#undef SLOT

static void check_slots(const tfc_plugin *plugin, const struct slot *slots, size_t count, const char *because) {
    for (size_t i = 0; i < count; i++) {
        void (*function)(void);
        memcpy(&function, (const char *)plugin + slots[i].offset, sizeof function);
        if (!function)
            stop("symbol", "the connector's table has NULL in the slot %s, which %s needs", slots[i].name, because);
    }
}

static const tfc_plugin *check_table(const tfc_plugin *plugin) {
    if (!plugin)
        stop("symbol", "tfc_plugin_v0 returned NULL: the connector refuses this host (minor version %u)", 0u);
    if (plugin->struct_size < sizeof *plugin)
        stop("symbol", "the connector's table says struct_size %u; version 0 has %zu bytes", plugin->struct_size,
             sizeof *plugin);
    check_slots(plugin, needed_always, sizeof needed_always / sizeof needed_always[0], "every connector");
    if (plugin->pull || plugin->push)
        check_slots(plugin, needed_by_operations, sizeof needed_by_operations / sizeof needed_by_operations[0],
                    "a connector with pull or push");
    return plugin;
}

const tfc_plugin *load_connector(const tfc_host *host) {
    entry_function *entry = find_entry(open_connector());
    current_slot = "tfc_plugin_v0";
    const tfc_plugin *plugin = entry(host);
    current_slot = NULL;
    return check_table(plugin);
}

/* ---- The manifest ---- */

tfc_str load_manifest(const tfc_plugin *plugin) {
    current_slot = "describe";
    tfc_str manifest = plugin->describe();
    current_slot = NULL;
    if (!manifest.ptr || manifest.len == 0)
        stop("describe", "describe returned no manifest");
    if (manifest.len > MANIFEST_LIMIT)
        stop("describe", "describe returned %llu bytes; a manifest has at most %d", (unsigned long long)manifest.len,
             MANIFEST_LIMIT);
    size_t where = utf8_valid_prefix(manifest.ptr, manifest.len);
    if (where != manifest.len)
        stop("describe", "describe returned a manifest that is not UTF-8 at byte %zu", where);
    if (!json_valid_object(manifest, &where))
        stop("describe", "describe returned a manifest that is not a JSON object at byte %zu", where);
    return manifest;
}
