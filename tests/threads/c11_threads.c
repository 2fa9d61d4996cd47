/* SPDX-License-Identifier: Apache-2.0 */
/* librdkafka uses C11's threads and locks, which gcc 12's thread sanitizer does not know: a thread
 * that it has not seen begin has no state there, and its first allocation ends the process; and
 * what a lock that it does not see orders looks like a race. Loaded before the C library, these do
 * the same by pthreads, which it knows. In glibc the types of both are the same memory. */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <threads.h>

struct beginning {
    thrd_start_t run;
    void *argument;
};

static void *begin(void *at)
{
    struct beginning its = *(struct beginning *)at;
    free(at);
    return (void *)(long)its.run(its.argument); // NOLINT: an int travels in the pointer
}

int thrd_create(thrd_t *thread, thrd_start_t run, void *argument)
{
    struct beginning *its = malloc(sizeof *its);
    if (!its)
        return thrd_nomem;
    *its = (struct beginning){run, argument};
    pthread_t made;
    if (pthread_create(&made, NULL, begin, its) != 0) {
        free(its);
        return thrd_error;
    }
    *thread = made;
    return thrd_success;
}

int thrd_join(thrd_t thread, int *result)
{
    void *ended;
    if (pthread_join(thread, &ended) != 0)
        return thrd_error;
    if (result)
        *result = (int)(long)ended;
    return thrd_success;
}

int thrd_detach(thrd_t thread)
{
    return pthread_detach(thread) == 0 ? thrd_success : thrd_error;
}

static int as_c11(int error)
{
    return error == 0           ? thrd_success
           : error == EBUSY     ? thrd_busy
           : error == ETIMEDOUT ? thrd_timedout
                                : thrd_error;
}

static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t), "a lock is another");
static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t), "a condition is another");

static pthread_mutex_t *lock_of(mtx_t *lock)
{
    return (pthread_mutex_t *)lock;
}

static pthread_cond_t *condition_of(cnd_t *condition)
{
    return (pthread_cond_t *)condition;
}

int mtx_init(mtx_t *lock, int type)
{
    pthread_mutexattr_t how;
    pthread_mutexattr_init(&how);
    pthread_mutexattr_settype(
        &how, type & mtx_recursive ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
    int error = pthread_mutex_init(lock_of(lock), &how);
    pthread_mutexattr_destroy(&how);
    return as_c11(error);
}

void mtx_destroy(mtx_t *lock)
{
    pthread_mutex_destroy(lock_of(lock));
}

int mtx_lock(mtx_t *lock)
{
    return as_c11(pthread_mutex_lock(lock_of(lock)));
}

int mtx_trylock(mtx_t *lock)
{
    return as_c11(pthread_mutex_trylock(lock_of(lock)));
}

int mtx_unlock(mtx_t *lock)
{
    return as_c11(pthread_mutex_unlock(lock_of(lock)));
}

int cnd_init(cnd_t *condition)
{
    return as_c11(pthread_cond_init(condition_of(condition), NULL));
}

void cnd_destroy(cnd_t *condition)
{
    pthread_cond_destroy(condition_of(condition));
}

int cnd_signal(cnd_t *condition)
{
    return as_c11(pthread_cond_signal(condition_of(condition)));
}

int cnd_broadcast(cnd_t *condition)
{
    return as_c11(pthread_cond_broadcast(condition_of(condition)));
}

int cnd_wait(cnd_t *condition, mtx_t *lock)
{
    return as_c11(pthread_cond_wait(condition_of(condition), lock_of(lock)));
}

int cnd_timedwait(cnd_t *condition, mtx_t *lock, const struct timespec *until)
{
    return as_c11(pthread_cond_timedwait(condition_of(condition), lock_of(lock), until));
}
