/* SPDX-License-Identifier: Apache-2.0 */
/* The map against a plain array that says who is in it, with good hashes and with the worst. */
#include "headroom/map.h"

#include "headroom/hash.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { ITEMS = 2000 };

struct item {
    char name[16];
    size_t len;
    int shown;
    bool in;
};

static struct hr_str name_of(const void *value)
{
    const struct item *item = value;
    return (struct hr_str){item->name, item->len};
}

static struct item *new_items(void)
{
    struct item *items = calloc(ITEMS, sizeof(*items));
    assert_non_null(items);
    for (size_t i = 0; i < ITEMS; i++) {
        items[i].len = (size_t)snprintf(items[i].name, sizeof(items[i].name), "acct-%zu", i);
    }
    return items;
}

typedef uint64_t hash_fn(struct hr_str name);

static uint64_t good_hash(struct hr_str name)
{
    return hr_hash64(name, 0);
}
static uint64_t few_hash(struct hr_str name) /* long runs of one hash; names must tell apart */
{
    return hr_hash64(name, 0) % 50;
}
static uint64_t high_hash(struct hr_str name) /* nothing in the low bits */
{
    return hr_hash64(name, 0) << 40;
}

static void assert_same(const struct hr_map *map, struct item *items, hash_fn *hash)
{
    size_t count = 0;
    for (size_t i = 0; i < ITEMS; i++) {
        struct hr_str name = name_of(&items[i]);
        assert_ptr_equal(hr_map_find(map, hash(name), name), items[i].in ? &items[i] : NULL);
        count += items[i].in;
        items[i].shown = 0;
    }
    assert_int_equal(map->count, count);
    size_t position = 0;
    for (struct item *item; (item = hr_map_next(map, &position)) != NULL; count--) {
        assert_true(item->in);
        assert_int_equal(item->shown++, 0);
    }
    assert_int_equal(count, 0);
}

static void run_at_random(hash_fn *hash, struct hr_pool *pool, const char *test)
{
    struct random random = random_start(test);
    struct item *items = new_items();
    struct hr_map map;
    hr_map_init(&map, name_of, pool);
    /* It fills, swings about the middle, and empties. */
    for (int phase = 0; phase < 3; phase++) {
        uint64_t puts_of_ten = phase == 0 ? 8 : phase == 1 ? 5 : 1;
        for (int round = 0; round < 2 * ITEMS; round++) {
            struct item *item = &items[random_below(&random, ITEMS)];
            struct hr_str name = name_of(item);
            if (random_below(&random, 10) < puts_of_ten) {
                assert_ptr_equal(hr_map_put(&map, hash(name), item), item->in ? item : NULL);
                item->in = true;
            } else {
                assert_ptr_equal(hr_map_remove(&map, hash(name), name), item->in ? item : NULL);
                item->in = false;
            }
        }
        assert_same(&map, items, hash);
    }
    hr_map_clean_up(&map);
    assert_int_equal(map.count, 0);
    free(items);
}

static void a_map_is_a_set_of_names(void **state)
{
    (void)state;
    run_at_random(good_hash, NULL, "a_map_is_a_set_of_names");
    run_at_random(few_hash, NULL, "a_map_is_a_set_of_names, few hashes");
    run_at_random(high_hash, NULL, "a_map_is_a_set_of_names, high bits");
}

static void slots_go_back_to_the_pool(void **state)
{
    (void)state;
    struct hr_pool *pool = hr_pool_new();
    run_at_random(good_hash, pool, "slots_go_back_to_the_pool");
    assert_int_equal(hr_pool_in_use(pool), 0);
    hr_pool_destroy(pool);
}

static void an_empty_map_has_nothing(void **state)
{
    (void)state;
    struct hr_map map;
    hr_map_init(&map, name_of, NULL);
    size_t position = 0;
    assert_null(hr_map_find(&map, 1, HR_STR("acme")));
    assert_null(hr_map_remove(&map, 1, HR_STR("acme")));
    assert_null(hr_map_next(&map, &position));
    hr_map_clean_up(&map);
}

static void a_second_value_of_a_name_replaces_the_first(void **state)
{
    (void)state;
    struct item first = {.name = "acme", .len = 4}, second = first;
    struct hr_map map;
    hr_map_init(&map, name_of, NULL);
    assert_null(hr_map_put(&map, 7, &first));
    assert_ptr_equal(hr_map_put(&map, 7, &second), &first);
    assert_ptr_equal(hr_map_find(&map, 7, HR_STR("acme")), &second);
    assert_int_equal(map.count, 1);
    hr_map_clean_up(&map);
}

static void a_hash_alone_may_be_the_key(void **state)
{
    (void)state;
    int values[100];
    struct hr_map map;
    hr_map_init(&map, NULL, NULL);
    for (uint64_t i = 0; i < 100; i++) {
        assert_null(hr_map_put(&map, i, &values[i]));
    }
    for (uint64_t i = 0; i < 100; i++) {
        assert_ptr_equal(hr_map_find(&map, i, (struct hr_str){0}), &values[i]);
    }
    assert_null(hr_map_find(&map, 100, (struct hr_str){0}));
    assert_ptr_equal(hr_map_remove(&map, 50, (struct hr_str){0}), &values[50]);
    assert_null(hr_map_find(&map, 50, (struct hr_str){0}));
    hr_map_clean_up(&map);
}

/* How a cache evicts: every second value it comes by. Nothing may be left unseen. */
static void values_may_be_removed_on_the_way(void **state)
{
    (void)state;
    struct item *items = new_items();
    struct hr_map map;
    hr_map_init(&map, name_of, NULL);
    for (size_t i = 0; i < ITEMS; i++) {
        assert_null(hr_map_put(&map, few_hash(name_of(&items[i])), &items[i]));
        items[i].in = true;
    }
    size_t position = 0;
    for (struct item *item; (item = hr_map_next(&map, &position)) != NULL;) {
        item->shown++;
        if ((item - items) % 2 == 0) {
            struct hr_str name = name_of(item);
            assert_ptr_equal(hr_map_remove(&map, few_hash(name), name), item);
            item->in = false;
            position--;
        }
    }
    for (size_t i = 0; i < ITEMS; i++) {
        assert_true(items[i].shown >= 1);
        assert_int_equal(items[i].in, i % 2 == 1);
    }
    assert_same(&map, items, few_hash);
    hr_map_clean_up(&map);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_is_a_set_of_names),
        cmocka_unit_test(slots_go_back_to_the_pool),
        cmocka_unit_test(an_empty_map_has_nothing),
        cmocka_unit_test(a_second_value_of_a_name_replaces_the_first),
        cmocka_unit_test(a_hash_alone_may_be_the_key),
        cmocka_unit_test(values_may_be_removed_on_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
