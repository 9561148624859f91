/* Its file says one manifest (the note), and describe answers another: the host must refuse it. */
#include "support.h"

static tfc_str describe(void) {
    return text("{\"id\":\"test-liar\",\"name\":\"An honest one\",\"version\":\"9.9.9\",\"publisher\":\"Somebody "
                "else\",\"abi\":0,"
                "\"streams\":[],\"settings\":{\"type\":\"object\"},\"credentials\":{\"type\":\"object\"},"
                "\"capabilities\":[],\"sandbox\":{\"profile\":\"pure\"}}");
}

static const tfc_plugin plugin = {
    .struct_size = sizeof plugin,
    .describe = describe,
    .validate = plain_validate,
    .open = plain_open,
    .close = plain_close,
    .test = plain_test,
    .discover = plain_discover,
};

const tfc_plugin *tfc_plugin_v0(const tfc_host *host) {
    (void)host;
    return &plugin;
}
