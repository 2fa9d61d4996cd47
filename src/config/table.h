/* SPDX-License-Identifier: Apache-2.0 */
/* The table: every key of the configuration with its type, bounds, default and help. The parser
 * (read.c), the canonical printer (print.c), the JSON Schema (schema.c) and the reference
 * (reference.c) walk it; none of them knows a key by name. To add a key, add a member to its struct
 * in settings.h and a row to its level in table.c. */
#ifndef CONFIG_TABLE_H
#define CONFIG_TABLE_H

#include "settings.h"

enum hr_type {
    HR_TYPE_TEXT,       /* struct hr_str; bounds are its length in bytes */
    HR_TYPE_NAME,       /* struct hr_str of letters, digits, _ and - */
    HR_TYPE_TOPIC,      /* struct hr_str that Kafka takes as the name of a topic */
    HR_TYPE_POINTER,    /* struct hr_str, a JSON pointer (RFC 6901) */
    HR_TYPE_CURRENCY,   /* struct hr_str, ISO 4217 */
    HR_TYPE_CONNECTION, /* struct hr_connection; bounds are its length in bytes */
    HR_TYPE_INTEGER,    /* int64_t */
    HR_TYPE_SIZE,       /* int64_t, bytes */
    HR_TYPE_DURATION,   /* int64_t, microseconds */
    HR_TYPE_FLAG,       /* bool */
    HR_TYPE_CHOICE,     /* unsigned, index into `choices` */
    HR_TYPE_MOMENT,     /* struct hr_moment */
    HR_TYPE_FROM,       /* struct hr_from_setting */
    HR_TYPE_BUDGET,     /* struct hr_budget */
    HR_TYPE_RATE,       /* struct hr_decimal above zero */
    HR_TYPE_QUOTA,      /* struct hr_quota */
    HR_TYPE_LITERAL,    /* struct hr_written */
    HR_TYPE_LITERALS,   /* struct hr_literals_setting, a list of them */
    HR_TYPE_WINDOW,     /* struct hr_window */
    HR_TYPE_SIGNAL,     /* struct hr_str; compile.c looks it up */
    HR_TYPE_WHERE,      /* struct hr_condition_setting on a pointer */
    HR_TYPE_MAPPING,    /* struct hr_format_field without its name */
    HR_TYPE_CLAUSE,     /* struct hr_clause_setting */
    HR_TYPE_TREE,       /* const struct hr_node *: anything, as it stands; not in a configuration */
    HR_TYPE_LEVEL,      /* the struct that `level` describes */
};

enum hr_shape_of_field { HR_ONE, HR_LIST, HR_MAP };

enum {
    HR_REQUIRED = 1,    /* must be given; a list or map must not be empty */
    HR_DECIDES = 2,     /* of a key at the top: belongs to the half that decides */
    HR_LINES = 4,       /* may hold line feeds and tabs (PEM) */
    HR_ONE_ALONE = 8,   /* of a list: its only entry may stand without the brackets */
    HR_BRIEF = 16,      /* of a list: printed in one line */
    HR_EMPTY_SAYS = 32, /* of a brief list: an empty one is not the same as none */
};

struct hr_field {
    const char *name;
    enum hr_type type;
    enum hr_shape_of_field shape;
    unsigned flags;
    size_t offset;              /* of the value, or of the pointer to the entries */
    size_t count_offset;        /* of LIST and MAP */
    size_t entry_size;          /* of LIST and MAP */
    size_t entry_offset;        /* of MAP: of the value behind the key */
    int64_t least, most;        /* in the type's unit; of text, bytes; both 0: no bounds */
    unsigned entries;           /* of LIST and MAP: at most so many */
    enum hr_type key;           /* of MAP: NAME, CURRENCY or TEXT */
    const char *fallback;       /* default, as a user would write it; NULL: none */
    const char *made;           /* a default made from other keys, in words */
    const char *const *choices; /* of CHOICE, ends with NULL */
    const struct hr_level_table *level;
    const char *help;
    const char *example;
};

struct hr_level_table {
    const struct hr_field *fields;
    size_t count;
};

extern const struct hr_level_table hr_table;

/* What a type is called, how it is written, and what JSON Schema can say of it. */
struct hr_type_text {
    const char *name;   /* "duration" */
    const char *how;    /* one clause, for the reference */
    const char *schema; /* members of a JSON Schema object; NULL: made from the row */
};
/* In types.c, by enum hr_type. */
extern const struct hr_type_text hr_type_texts[];
#define HR_TYPES (HR_TYPE_LEVEL + 1)

#endif
