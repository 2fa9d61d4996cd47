/* SPDX-License-Identifier: Apache-2.0 */
/* The small grammars of values: names, pointers, sizes, durations, literals, conditions. Each has a
 * reader and, where a value can be written in several ways, a printer of its one canonical form;
 * the reader takes what the printer writes and gives the same value.
 *
 * A reader returns NULL, or what is wrong as a clause that follows the path of the value. */
#ifndef CONFIG_SCALAR_H
#define CONFIG_SCALAR_H

#include "headroom/buffer.h"
#include "headroom/error.h"
#include "headroom/memory.h"
#include "settings.h"

#define HR_NAME_MOST 64 /* bytes */
#define HR_CONDITION_MOST 512

HR_MUST const char *hr_check_name(struct hr_str text);    /* letters, digits, _ and - */
HR_MUST const char *hr_check_topic(struct hr_str text);   /* as Kafka checks it */
HR_MUST const char *hr_check_pointer(struct hr_str text); /* RFC 6901; not the empty one */
HR_MUST const char *hr_check_currency(struct hr_str text);
/* No control characters; with `lines` line feeds, carriage returns and tabs are well. */
HR_MUST const char *hr_check_printable(struct hr_str text, bool lines);
/* The first word, taken off the text (empty at the end). */
struct hr_str hr_take_word(struct hr_str *text);
/* True when the text holds a "${", which asks for the environment. */
bool hr_asks_environment(struct hr_str text);

HR_MUST const char *hr_read_integer(struct hr_str text, int64_t *value);
HR_MUST const char *hr_read_size(struct hr_str text, int64_t *bytes);
void hr_print_size(int64_t bytes, struct hr_buffer *buffer);
/* As hr_duration_parse; besides it 0s and milliseconds. */
HR_MUST const char *hr_read_duration(struct hr_str text, int64_t *us);
void hr_print_duration(int64_t us, struct hr_buffer *buffer);
HR_MUST const char *hr_read_flag(struct hr_str text, bool *value);
/* A date (of the configuration's zone) or an RFC 3339 time. */
HR_MUST const char *hr_read_moment(struct hr_str text, struct hr_moment *moment);
void hr_print_moment(const struct hr_moment *moment, struct hr_buffer *buffer);
HR_MUST const char *hr_read_quota(struct hr_str text, struct hr_quota *quota);
void hr_print_quota(const struct hr_quota *quota, struct hr_buffer *buffer);
/* day, week, month or a duration; its text points into the input. */
HR_MUST const char *hr_read_window(struct hr_str text, struct hr_window *window);

/* 80%, 0.8, 30d, 25k, 400 USD, 25k USD, word, 'two words'. Texts point into the input. */
void hr_print_literal(const struct hr_written *literal, struct hr_buffer *buffer);
/* Subject, operator, literal. */
HR_MUST const char *hr_read_condition(struct hr_str text, struct hr_condition_setting *condition);
void hr_print_condition(const struct hr_condition_setting *condition, struct hr_buffer *buffer);

/* Where a field stands, or its constant; in mapping.c. Its texts point into the input. */
HR_MUST const char *hr_read_mapping(struct hr_str text, struct hr_format_field *field);
void hr_print_mapping(const struct hr_format_field *field, struct hr_buffer *buffer);

#endif
