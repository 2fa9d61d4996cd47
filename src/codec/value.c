/* SPDX-License-Identifier: Apache-2.0 */
/* JSON values as the core wants them: the text as written beside the exact number. */
#include "decode.h"
#include "json_shim.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool hr_utf8_valid(struct hr_str text)
{
    return hr_json_utf8(text.at, text.len);
}

enum hr_reason hr_reject_event(
    char detail[HR_DETAIL], enum hr_reason reason, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(detail, HR_DETAIL, format, list);
    va_end(list);
    return reason;
}

void hr_read_value(
    const struct hr_document *json, uint32_t node, struct hr_arena *arena, struct hr_value *value)
{
    static const enum hr_value_kind kinds[] = {
        [HR_JSON_OBJECT] = HR_VALUE_OTHER,
        [HR_JSON_ARRAY] = HR_VALUE_OTHER,
        [HR_JSON_STRING] = HR_VALUE_STRING,
        [HR_JSON_NUMBER] = HR_VALUE_NUMBER,
        [HR_JSON_TRUE] = HR_VALUE_BOOL,
        [HR_JSON_FALSE] = HR_VALUE_BOOL,
        [HR_JSON_NULL] = HR_VALUE_NULL,
    };
    memset(value, 0, sizeof *value);
    if (node == HR_JSON_NONE) {
        return;
    }
    value->kind = kinds[json->nodes[node].kind];
    value->flag = json->nodes[node].kind == HR_JSON_TRUE;
    value->text = hr_document_text(json, node, arena);
    if (value->kind == HR_VALUE_NUMBER || value->kind == HR_VALUE_STRING) {
        enum hr_decimal_parse parse = hr_decimal_parse(value->text, &value->number);
        value->fits = parse == HR_DECIMAL_OK;
        value->overflows = parse == HR_DECIMAL_OVERFLOW;
    }
}
