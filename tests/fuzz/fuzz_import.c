/* SPDX-License-Identifier: Apache-2.0 */
/* Files for `import`. The first line of the input is the kind: `ndjson`, or `csv` with the
 * separator behind it; what follows is the file. Each row is either faults that can be printed as
 * they are or events that the running system takes; the same file says the same again. */
#include "world.h"

#include "headroom/codec.h"
#include "headroom/hash.h"
#include "headroom/import.h"

#include <string.h>

#define SHOWN_AS_THEY_ARE ' ' /* the least byte of a clause that went through hr_escape */

static void check_fault(const struct hr_import_fault *fault)
{
    demand(fault->text.len > 0 && hr_utf8_valid(fault->text), "a fault says what is wrong");
    for (size_t i = 0; i < fault->text.len; i++) {
        unsigned char byte = (unsigned char)fault->text.at[i];
        demand(byte >= SHOWN_AS_THEY_ARE && byte != 0x7F, "in one escaped clause");
    }
}

static void check_event(struct hr_decoder *decoder, const struct hr_import_row *row,
    struct hr_str value, struct hr_arena *arena)
{
    char detail[HR_DETAIL];
    struct hr_event event = {0};
    const struct hr_log_record record = {.topic = HR_STR("accounts"), .value = value};
    demand(hr_decode(decoder, hr_format_preset(HR_STR("cloudevents")), world_config()->rules,
               &record, arena, &event, detail) == HR_REASON_NONE,
        "what is imported is taken");
    demand(hr_str_equal(event.account, row->account), "for the row's account");
    demand(event.fact != NULL, "as an account event");
}

static uint64_t read_rows(const struct hr_import_settings *settings, struct hr_decoder *decoder)
{
    struct hr_importer *importer = hr_importer_new(settings);
    struct hr_import_row row;
    struct hr_arena arena;
    uint64_t said = 0, last_line = 0;
    hr_arena_init(&arena);
    while (hr_importer_next(importer, &arena, &row)) {
        demand((row.fault_count == 0) == (row.event_count > 0), "a row is faults or events");
        demand(row.line > last_line, "rows come in their order");
        demand(hr_importer_bytes(importer) <= settings->text.len, "and within the file");
        last_line = row.line;
        for (size_t i = 0; i < row.fault_count; i++) {
            check_fault(&row.faults[i]);
            said = hr_hash64(row.faults[i].text, said);
        }
        for (size_t i = 0; i < row.event_count; i++) {
            check_event(decoder, &row, row.events[i], &arena);
            said = hr_hash64(row.events[i], said);
        }
        hr_arena_reset(&arena);
    }
    hr_arena_clean_up(&arena);
    hr_importer_destroy(importer);
    return said;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct hr_decoder *decoder;
    static const struct hr_str taken[] = {{"plann", 5}};
    struct hr_str file, kind = first_line(bytes, len, &file);
    bool table = kind.len == 4 && hr_str_starts(kind, "csv");
    if (!table && !hr_str_is(kind, "ndjson")) {
        return -1; /* of no use to the corpus */
    }
    const struct hr_import_settings settings = {.text = file,
        .table = table,
        .separator = table ? kind.at[3] : ',',
        .time = {INT64_C(1795338843120000)},
        .attributes = taken,
        .attribute_count = 1,
        .zones = world_zones()};
    decoder = decoder ? decoder : hr_decoder_new(world_zones());
    demand(read_rows(&settings, decoder) == read_rows(&settings, decoder),
        "the same file says the same");
    return 0;
}
