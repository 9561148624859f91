#include "secure.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stop.h"

static size_t whole_pages(size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (size + (size == 0) + page - 1) / page * page;
}

void *secure_allocate(size_t size) {
    size_t room = whole_pages(size);
    void *ptr = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (ptr == MAP_FAILED)
        stop("memory", "no memory for %zu bytes: the connector's memory limit is used up", size);
    madvise(ptr, room, MADV_DONTDUMP);
    mlock(ptr, room); /* Beyond RLIMIT_MEMLOCK this fails, and the bytes are as safe as any. */
    return ptr;
}

void secure_free(void *ptr, size_t size) {
    if (!ptr)
        return;
    explicit_bzero(ptr, size);
    munmap(ptr, whole_pages(size));
}
