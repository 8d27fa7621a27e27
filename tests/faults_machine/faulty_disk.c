/* A disk that fails once: loaded into the program before the C library's own calls.
 *
 * FAULT_OP    which operation: write, pwrite, fsync, fdatasync, ftruncate
 * FAULT_AT    which of them fails, from 1 on
 * FAULT_ERRNO with which error; 0: the process is killed in its stead
 * FAULT_LOG   a file that gets the number of such operations there were
 *
 * Only files count, and folders that are synced: no terminal, pipe or socket fails. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_int count;

static int fails(const char *op, int fd) {
    const char *wanted = getenv("FAULT_OP"), *at = getenv("FAULT_AT");
    struct stat about;
    if (!wanted || !at || strcmp(op, wanted) != 0 || fstat(fd, &about) != 0)
        return 0;
    if (!S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode))
        return 0;
    if (atomic_fetch_add(&count, 1) + 1 != atoi(at))
        return 0;
    const char *error = getenv("FAULT_ERRNO");
    if (!error || atoi(error) == 0)
        raise(SIGKILL);
    errno = atoi(error);
    return 1;
}

__attribute__((destructor)) static void tell(void) {
    const char *log = getenv("FAULT_LOG");
    FILE *file = log ? fopen(log, "w") : NULL;
    if (file) {
        fprintf(file, "%d", atomic_load(&count));
        fclose(file);
    }
}

#define WRAP(type, name, op, params, args)                                                         \
    type name params {                                                                             \
        static type(*real) params;                                                                 \
        if (!real)                                                                                 \
            real = (type(*) params)dlsym(RTLD_NEXT, #name);                                        \
        return fails(op, fd) ? -1 : real args;                                                     \
    }

WRAP(ssize_t, write, "write", (int fd, const void *from, size_t length), (fd, from, length))
WRAP(ssize_t, pwrite, "pwrite", (int fd, const void *from, size_t length, off_t at),
     (fd, from, length, at))
WRAP(ssize_t, pwrite64, "pwrite", (int fd, const void *from, size_t length, off64_t at),
     (fd, from, length, at))
WRAP(int, fsync, "fsync", (int fd), (fd))
WRAP(int, fdatasync, "fdatasync", (int fd), (fd))
WRAP(int, ftruncate, "ftruncate", (int fd, off_t length), (fd, length))
WRAP(int, ftruncate64, "ftruncate", (int fd, off64_t length), (fd, length))
