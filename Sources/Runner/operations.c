#include "operations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "failure.h"
#include "frames.h"
#include "json.h"
#include "load.h"
#include "records.h"
#include "run.h"
#include "services.h"
#include "stop.h"

/* ---- Answers ---- */

static void send_result(uint64_t call, tfc_str value) {
    struct bytes body = {0};
    bytes_text(&body, "{\"value\":");
    bytes_add(&body, value.ptr, value.len);
    bytes_text(&body, "}");
    control_send(FRAME_RESULT, call, bytes_str(&body));
    bytes_free(&body);
}

/* What the connector printed goes out before the answer. */
static void send_answer(struct run *run) {
    fflush(stdout);
    if (run->failure.status == TFC_OK)
        send_result(run->call->number, bytes_str(&run->value));
    else
        failure_send(&run->failure, run->call->number);
}

/* ---- Operations on a connector ---- */

static void with_connector(struct run *run, void (*body)(struct run *)) {
    tfc_error error = fresh_error();
    run->connector = NULL;
    enter("open");
    tfc_status status = run->plugin->open(run->context, run->call->settings, &run->connector, &error);
    leave_slot();
    if (status != TFC_OK) {
        fail_with_error(&run->failure, "open", status, &error);
        return;
    }
    if (!run->connector) {
        fail_breach(&run->failure, "open", "returned TFC_OK but no connector");
        return;
    }
    body(run);
    enter("close");
    run->plugin->close(run->connector);
    leave_slot();
}

static void run_validate(struct run *run) {
    tfc_error error = fresh_error();
    tfc_blob findings = {0};
    enter("validate");
    tfc_status status = run->plugin->validate(run->context, run->call->settings, &findings, &error);
    leave_slot();
    take_json(run, "validate", status, &findings, &error);
}

static void run_test(struct run *run) {
    tfc_error error = fresh_error();
    tfc_blob report = {0};
    enter("test");
    tfc_status status = run->plugin->test(run->connector, run->context, &report, &error);
    leave_slot();
    take_json(run, "test", status, &report, &error);
}

static void run_discover(struct run *run) {
    tfc_error error = fresh_error();
    tfc_blob streams = {0};
    enter("discover");
    tfc_status status = run->plugin->discover(run->connector, run->context, &streams, &error);
    leave_slot();
    take_json(run, "discover", status, &streams, &error);
}

static void run_describe(struct run *run) {
    tfc_str manifest = load_manifest(run->plugin);
    bytes_add(&run->value, manifest.ptr, manifest.len);
}

static void run_operation(struct run *run) {
    switch (run->call->operation) {
    case OPERATION_DESCRIBE:
        run_describe(run);
        return;
    case OPERATION_VALIDATE:
        run_validate(run);
        return;
    case OPERATION_TEST:
        with_connector(run, run_test);
        return;
    case OPERATION_DISCOVER:
        with_connector(run, run_discover);
        return;
    case OPERATION_PULL:
        with_connector(run, run_pull);
        data_send(FRAME_END, run->call->number, NULL, 0);
        return;
    case OPERATION_PUSH:
        with_connector(run, run_push);
        data_send(FRAME_END, run->call->number, NULL, 0);
        return;
    }
}

static void rewind_inputs(size_t count) {
    for (size_t i = 0; i < count; i++)
        lseek(FIRST_INPUT_DESCRIPTOR + (int)i, 0, SEEK_SET); /* a pipe stands where it stands */
}

void operation_run(const tfc_plugin *plugin, struct call *call, size_t input_descriptors) {
    struct run run = {.plugin = plugin, .call = call};
    rewind_inputs(input_descriptors);
    run.context = services_begin(call);
    run_operation(&run);
    services_end();
    control_call_done();
    send_answer(&run);
    failure_free(&run.failure);
    bytes_free(&run.value);
    call_free(call);
}
