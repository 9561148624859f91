/* Memory for secrets: locked where the limit allows, left out of core dumps, wiped before it goes back. */
#ifndef RUNNER_SECURE_H
#define RUNNER_SECURE_H

#include <stddef.h>

void *secure_allocate(size_t size);
/* size: as allocated. NULL is fine. */
void secure_free(void *ptr, size_t size);

#endif
