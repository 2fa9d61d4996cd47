/* SPDX-License-Identifier: Apache-2.0 */
/* every.so, to be preloaded: every allocation and every system call of a program fails once.
 *
 * The program runs once, and at each such call it forks: the child sees the call fail and runs on
 * to its end, which the parent waits for and writes down; then the parent makes the call in earnest
 * and goes on to the next. So the Nth call fails for every N, and no run begins from the beginning.
 * The program must have one thread.
 *
 * SMALL_REPORT=FILE gets a line for each child, with tabs between: number, function, how it ended
 * (`exit N` or `signal N`), blocks that were allocated and not freed when it ended by itself (-1:
 * it did not), what of standard output the parent had written by then, what the child wrote itself,
 * and its last line on standard error. The last line is the parent's own. SMALL_STEP=S: of the
 * calls that read files, of which a program has thousands for its time zones, only one in S;
 * SMALL_ALLOCATIONS=S: so of allocations. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 30
#define LINE 300

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

static struct {
    bool on;
    int report, out, said; /* out and said: files of the child that runs now */
    unsigned long number, step, allocations;
    _Atomic long live;
    long *left; /* shared: what a child's own end found live */
} this;

static int scratch(void)
{
    return memfd_create("small", 0);
}

static unsigned long number_of(const char *name, unsigned long otherwise)
{
    const char *text = getenv(name);
    return text ? strtoul(text, NULL, 10) : otherwise;
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("SMALL_REPORT");
    if (!path)
        return;
    this.report = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    this.out = scratch();
    this.said = scratch();
    this.step = number_of("SMALL_STEP", 1);
    this.allocations = number_of("SMALL_ALLOCATIONS", 1);
    this.left =
        mmap(NULL, sizeof *this.left, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    this.on = this.report >= 0 && this.left != MAP_FAILED;
}

static void tell(const char *what, int status, long written)
{
    char said[LINE] = "", line[2 * LINE];
    off_t end = lseek(this.said, 0, SEEK_END);
    ssize_t len = pread(this.said, said, sizeof said - 1, end < LINE ? 0 : end - LINE + 1);
    said[len > 0 ? len : 0] = '\0';
    for (size_t i = strlen(said); i && said[i - 1] == '\n'; i--)
        said[i - 1] = '\0';
    const char *last = strrchr(said, '\n');
    len = snprintf(line, sizeof line, "%lu\t%s\t%s %d\t%ld\t%ld\t%ld\t%s\n", this.number, what,
        WIFSIGNALED(status) ? "signal" : "exit",
        WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), *this.left, written,
        (long)lseek(this.out, 0, SEEK_END), last ? last + 1 : said);
    if (write(this.report, line, (size_t)len) != len)
        abort();
}

__attribute__((destructor)) static void end(void)
{
    if (this.left)
        *this.left = atomic_load(&this.live);
    if (this.on) {
        this.on = false;
        tell("itself", 0, (long)lseek(STDOUT_FILENO, 0, SEEK_CUR));
    }
}

/* True in a child whose call is to fail. */
static bool one_in(unsigned long step, const char *what)
{
    if (!this.on)
        return false;
    if (this.number++ % step)
        return false;
    int before = errno, status = 0;
    long written = (long)lseek(STDOUT_FILENO, 0, SEEK_CUR);
    this.on = false;
    *this.left = -1;
    (void)!ftruncate(this.out, 0);
    (void)!ftruncate(this.said, 0);
    pid_t child = fork();
    if (!child) {
        alarm(SECONDS);
        lseek(this.out, 0, SEEK_SET);
        lseek(this.said, 0, SEEK_SET);
        dup2(this.out, STDOUT_FILENO);
        dup2(this.said, STDERR_FILENO);
        return true;
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    tell(what, status, written);
    this.on = true;
    errno = before;
    return false;
}

static bool fails(const char *what)
{
    return one_in(1, what);
}

static bool allocation_fails(const char *what)
{
    return one_in(this.allocations, what);
}

static bool one_of_many_fails(const char *what)
{
    return one_in(this.step, what);
}

/* --- allocations ------------------------------------------------------------------------------ */

static void *counted(void *block)
{
    atomic_fetch_add(&this.live, block != NULL);
    return block;
}

static void *no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

void *malloc(size_t size)
{
    return allocation_fails("malloc") ? no_memory() : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return allocation_fails("calloc") ? no_memory() : counted(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size)
{
    if (allocation_fails("realloc"))
        return no_memory();
    void *resized = __libc_realloc(block, size);
    atomic_fetch_add(&this.live, !block && resized);
    return resized;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return allocation_fails("aligned_alloc") ? no_memory()
                                             : counted(__libc_memalign(alignment, size));
}

void free(void *block)
{
    atomic_fetch_sub(&this.live, block != NULL);
    __libc_free(block);
}

/* --- system calls ----------------------------------------------------------------------------- */

static int refused(int error)
{
    errno = error;
    return -1;
}

void *mmap(void *at, size_t len, int rights, int flags, int file, off_t offset)
{
    if (fails("mmap")) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, at, len, rights, flags, file, offset);
}

int open(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = va_arg(list, mode_t);
    va_end(list);
    return fails("open") ? refused(EMFILE) : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = va_arg(list, mode_t);
    va_end(list);
    return one_of_many_fails("openat") ? refused(EMFILE)
                                       : (int)syscall(SYS_openat, folder, path, flags, mode);
}

ssize_t read(int file, void *to, size_t size)
{
    return one_of_many_fails("read") ? refused(EIO) : syscall(SYS_read, file, to, size);
}

ssize_t write(int file, const void *from, size_t size)
{
    return fails("write") ? refused(ENOSPC) : syscall(SYS_write, file, from, size);
}

int fstat(int file, struct stat *to)
{
    return one_of_many_fails("fstat") ? refused(EIO) : (int)syscall(SYS_fstat, file, to);
}

int stat(const char *path, struct stat *to)
{
    return fails("stat") ? refused(EACCES) : (int)syscall(SYS_stat, path, to);
}

ssize_t getrandom(void *to, size_t size, unsigned flags);
ssize_t getrandom(void *to, size_t size, unsigned flags)
{
    return fails("getrandom") ? refused(ENOSYS) : syscall(SYS_getrandom, to, size, flags);
}
