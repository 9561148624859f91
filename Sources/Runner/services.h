/* What the host offers to the connector (tfc_host), all of it from any thread. */
#ifndef RUNNER_SERVICES_H
#define RUNNER_SERVICES_H

#include "call.h"

extern const tfc_host host_services;

/* The one context there is: its calls follow each other. */
tfc_ctx *services_begin(struct call *call);
void services_end(void);

#endif
