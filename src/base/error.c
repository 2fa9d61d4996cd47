/* SPDX-License-Identifier: Apache-2.0 */
/* The one function that writes an error value.
 *
 * The sentence is made beside the error and copied in afterwards, so that a caller may put words in
 * front of a deeper error by passing error->text itself as an argument. It never allocates: an
 * error must be told when nothing else works. */
#include "headroom/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum hr_fate hr_fail(struct hr_error *error, enum hr_fate fate, const char *format, ...)
{
    char text[HR_ERROR_TEXT];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (len < 0) {
        text[0] = '\0';
    }
    memcpy(error->text, text, strlen(text) + 1);
    error->fate = fate;
    return fate;
}
