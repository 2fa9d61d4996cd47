/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONFIG_REPORT_H
#define CONFIG_REPORT_H

#include "complain.h"
#include "settings.h"

/* From settings to what reports use; complaints are left with the complainer. Literals are brought
 * into their unit in the settings themselves, as those of rules. */
void hr_check_reports(
    struct hr_complainer *complainer, struct hr_settings *settings, struct hr_report_settings *out);

#endif
