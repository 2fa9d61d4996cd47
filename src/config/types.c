/* SPDX-License-Identifier: Apache-2.0 */
/* Types in words, for people and for editors. A pattern says no more than the reader in scalar.c or
 * literal.c enforces: an editor may accept what headroom refuses, never the other way round. */
#include "table.h"

#define MOMENT "[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?"

const struct hr_type_text hr_type_texts[] = {
    [HR_TYPE_TEXT] = {"text", "any text in one line", "\"type\": [\"string\", \"number\"]"},
    [HR_TYPE_NAME] = {"name", "letters, digits, `_` and `-`, at most 64",
        "\"type\": [\"string\", \"number\"], \"pattern\": \"^[A-Za-z0-9_-]{1,64}$\""},
    [HR_TYPE_TOPIC] = {"topic", "letters, digits, dots, `_` and `-`, as Kafka takes them",
        "\"type\": [\"string\", \"number\"], \"pattern\": \"^[A-Za-z0-9._-]{1,249}$\""},
    [HR_TYPE_POINTER] = {"pointer", "a JSON pointer (RFC 6901), such as `/customer/id`",
        "\"type\": \"string\", \"pattern\": \"^/\", \"maxLength\": 256"},
    [HR_TYPE_CURRENCY] = {"currency", "a code of ISO 4217, such as `USD`",
        "\"type\": \"string\", \"pattern\": \"^[A-Z]{3}$\""},
    [HR_TYPE_CONNECTION] = {"connection",
        "text in which `${NAME}` stands for a variable of the environment; an unset one is an "
        "error, and its value is never printed",
        "\"type\": [\"string\", \"number\", \"boolean\"]"},
    [HR_TYPE_INTEGER] = {"integer", "a whole number", NULL},
    [HR_TYPE_SIZE] = {"size", "a whole number with `B`, `KiB`, `MiB`, `GiB` or `TiB`",
        "\"type\": \"string\", \"pattern\": \"^[0-9]+(B|KiB|MiB|GiB|TiB)$\""},
    [HR_TYPE_DURATION] = {"duration",
        "a whole number with `ms`, `s`, `m`, `h`, `d` or `w`; `0` needs no unit",
        "\"type\": [\"string\", \"integer\"], \"pattern\": \"^(0|[0-9]+(ms|s|m|h|d|w))$\", "
        "\"minimum\": 0, \"maximum\": 0"},
    [HR_TYPE_FLAG] = {"flag", "`true` or `false`", "\"enum\": [true, false, \"true\", \"false\"]"},
    [HR_TYPE_CHOICE] = {"choice", "one of the words listed", NULL},
    [HR_TYPE_MOMENT] = {"moment",
        "a date, which begins at midnight in `time.zone`, or a time of RFC 3339",
        "\"type\": \"string\", \"pattern\": \"^" MOMENT "$\""},
    [HR_TYPE_FROM] = {"beginning", "`earliest`, `latest` or a moment",
        "\"type\": \"string\", \"pattern\": \"^(earliest|latest|" MOMENT ")$\""},
    [HR_TYPE_BUDGET] = {"budget", "so many in so long, such as `2 per 30d`",
        "\"type\": \"string\", \"pattern\": \"^ *[1-9][0-9]* +per +[1-9][0-9]*(s|m|h|d|w) *$\""},
    [HR_TYPE_RATE] = {"rate", "a number above zero",
        "\"type\": [\"number\", \"string\"], \"exclusiveMinimum\": 0"},
    [HR_TYPE_QUOTA] = {"quota", "a number, also as `10k` or `2M`, or `unlimited`",
        "\"type\": [\"number\", \"string\"], \"minimum\": 0, "
        "\"pattern\": \"^(unlimited|[0-9].*)$\""},
    [HR_TYPE_LITERAL] = {"literal",
        "in the signal's unit: `80%` (or `0.8`) for shares, `30d` (or `30`) for days, `25k` or "
        "`25000 USD` "
        "for money, which without a currency is in the account's own, else a plain number",
        "\"type\": [\"number\", \"string\"]"},
    [HR_TYPE_LITERALS] = {"bounds", "a list of literals, ascending",
        "\"type\": \"array\", \"minItems\": 1, \"maxItems\": 32, "
        "\"items\": {\"type\": [\"number\", \"string\"]}"},
    [HR_TYPE_WINDOW] = {"window", "`period`, `day`, `week`, `month` or a duration from 7m to 366d",
        "\"type\": \"string\", \"pattern\": \"^(period|day|week|month|[1-9][0-9]*[smhdw])$\""},
    [HR_TYPE_SIGNAL] = {"signal", "a name of the table of signals below", NULL},
    [HR_TYPE_WHERE] = {"test", "`\"/pointer operator literal\"` with `<` `<=` `=` `!=` `>=` `>`",
        "\"type\": \"string\", \"pattern\": \"^ */[^ ]* +(<|<=|=|!=|>=|>) +.\""},
    [HR_TYPE_MAPPING] = {"mapping",
        "`\"/pointer or /another as NOTATION\"`: the first that is there and not null, from the "
        "event's begin; or `\"is TEXT\"`, a constant. Notations: `text`, `number`, `major` (money "
        "in major units), `upper`, `period` (`monthly`, `year` …), `unix_s`, `unix_ms`, `unix_us`, "
        "`unix_days`. `times /quantity` multiplies; `per /interval every /count` brings an amount "
        "to a month; `in /items` adds up the elements of an array, in which the pointers start "
        "then",
        "\"type\": \"string\", \"pattern\": \"^(/|is .)\", \"maxLength\": 1024"},
    [HR_TYPE_CLAUSE] = {"condition",
        "`\"signal operator literal\"` with `<` `<=` `=` `!=` `>=` `>`; text of several words "
        "stands in quotes; `{ any: [...] }` holds if one of its conditions does",
        NULL},
    [HR_TYPE_TREE] = {"anything", "anything", ""},
    [HR_TYPE_LEVEL] = {"keys", "keys of its own", NULL},
};
