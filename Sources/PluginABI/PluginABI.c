#include "trainflow_plugin.h"

/* The ABI is a header; this file makes it a target and compiles it once as C. */
_Static_assert(sizeof(struct ArrowArray) == 80, "Arrow's array is frozen");
_Static_assert(sizeof(struct ArrowSchema) == 72, "Arrow's schema is frozen");
_Static_assert(sizeof(tfc_str) == 16, "a text is a pointer and a length");
