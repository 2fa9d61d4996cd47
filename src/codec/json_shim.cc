/* SPDX-License-Identifier: Apache-2.0 */
/* The one C++ file: simdjson behind a small C interface.
 *
 * What we need of a JSON reader: every error seen wherever it stands, the text of numbers kept (a
 * quantity is exact, 0.1 is not a double, 25 digits and 1e400 are valid JSON), no copy of the
 * record. Neither of simdjson's two readers does that. Its DOM makes doubles of numbers, refuses
 * large ones and wants 64 bytes of padding, that is a copy. On-Demand does not look at what is
 * skipped, and a traversal that looks at everything pays for its iterator at each token.
 *
 * Both are built on the same first stage, which is where the speed comes from: 64 bytes at a time
 * it checks UTF-8, pairs quotes, finds control characters in strings and notes where each token
 * begins. This file offers that stage alone; the grammar above it is ours (json.c), in plain C, so
 * that nothing is checked twice or not at all. What was measured stands in json.c.
 *
 * stage1() is marked private in simdjson.h, yet it is how On-Demand, which is compiled into the
 * user's program, calls the shared library: it is part of the library's ABI. It chooses the CPU's
 * instructions at run time. That it reads nothing behind the text is tested under the address
 * sanitizer and against a page that must not be touched.
 *
 * Never: an exception (the file is compiled without them), a stream, a double. Nothing here throws
 * but one thing in the library: the first call of all asks for memory by a `new` that would, and
 * where there is none the process would end in abort(). So whoever calls `new` in vain ends in
 * hr_json_no_memory.
 */
#include "json_shim.h"

#include <memory>
#include <new>

#include <simdjson.h>

namespace internal = simdjson::internal;

struct hr_json_scanner {
    std::unique_ptr<internal::dom_parser_implementation> stage;
};

namespace
{
/* The depth is the second stage's business, which never runs. */
constexpr size_t no_depth = 1;
constexpr size_t least_capacity = 4096;

__attribute__((constructor)) void hear_of_no_memory()
{
    std::set_new_handler(hr_json_no_memory);
}

bool grow(hr_json_scanner *scanner, size_t len)
{
    size_t capacity = least_capacity;
    while (capacity < len) {
        capacity *= 2;
    }
    if (capacity > simdjson::SIMDJSON_MAXSIZE_BYTES) {
        capacity = simdjson::SIMDJSON_MAXSIZE_BYTES;
    }
    scanner->stage.reset();
    return simdjson::get_active_implementation()->create_dom_parser_implementation(
               capacity, no_depth, scanner->stage) == simdjson::SUCCESS;
}
} // namespace

extern "C" {

struct hr_json_scanner *hr_json_scanner_new(void)
{
    return new (std::nothrow) hr_json_scanner;
}

void hr_json_scanner_destroy(struct hr_json_scanner *scanner)
{
    delete scanner;
}

enum hr_json_scan hr_json_scan(struct hr_json_scanner *scanner, const char *text, size_t len,
    const uint32_t **starts, uint32_t *count)
{
    if (len == 0) {
        return HR_SCAN_EMPTY;
    }
    if (len >= simdjson::SIMDJSON_MAXSIZE_BYTES) {
        return HR_SCAN_TOO_LONG;
    }
    if ((!scanner->stage || scanner->stage->capacity() < len) && !grow(scanner, len)) {
        scanner->stage.reset();
        return HR_SCAN_NO_MEMORY;
    }
    internal::dom_parser_implementation &stage = *scanner->stage;
    const auto *bytes = reinterpret_cast<const uint8_t *>(text);
    switch (stage.stage1(bytes, len, simdjson::stage1_mode::regular)) {
    case simdjson::SUCCESS:
        break;
    case simdjson::EMPTY:
        return HR_SCAN_EMPTY;
    case simdjson::UNESCAPED_CHARS:
        return HR_SCAN_CONTROL;
    case simdjson::UNCLOSED_STRING:
        return HR_SCAN_UNCLOSED;
    default:
        return HR_SCAN_UTF8;
    }
    *count = stage.n_structural_indexes;
    stage.structural_indexes[*count] = static_cast<uint32_t>(len);
    *starts = stage.structural_indexes.get();
    return HR_SCAN_OK;
}

void hr_json_scanner_trim(struct hr_json_scanner *scanner, size_t most)
{
    if (scanner->stage && scanner->stage->capacity() > most) {
        scanner->stage.reset();
    }
}

bool hr_json_utf8(const char *text, size_t len)
{
    return len == 0 || simdjson::validate_utf8(text, len);
}
}
