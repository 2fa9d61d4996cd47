/* SPDX-License-Identifier: Apache-2.0 */
/* Uses of features. A feature is a meter that counts, so its uses in a window are a meter's; here
 * is what is asked of several, or of their days. */
#include "dossier.h"
#include "signal.h"
#include "window.h"

struct hr_reading hr_days_active(const struct hr_account *account, uint16_t slot)
{
    const struct hr_signal *signal = &account->layout->rules->signals[slot];
    const struct hr_meter_layout *layout = &account->layout->meters[signal->meter];
    uint16_t number = layout->window_series[signal->window];
    const struct hr_series *series = &account->meters[signal->meter].series[number];
    int64_t now = hr_series_now(account, &layout->series[number]), days = 0;
    int64_t count = account->layout->rules->meters[signal->meter].windows[signal->window].buckets;
    for (uint32_t i = 0; i < series->count; i++) {
        int64_t index = series->cells[i].index;
        days += series->cells[i].tally.count > 0 && index > now - count && index <= now;
    }
    return (struct hr_reading){
        .kind = HR_READING_NUMBER, .value = hr_decimal_from_int(days), .of = HR_DECIMAL_ONE};
}

/* The feature's window of that width. */
static uint16_t window_over(const struct hr_meter *feature, int64_t span_us)
{
    uint16_t window = 0;
    while (feature->windows[window].kind != HR_WINDOW_SPAN ||
           feature->windows[window].span_us != span_us) {
        window++;
    }
    return window;
}

struct hr_reading hr_trial_uses(const struct hr_account *account, uint16_t slot)
{
    const struct hr_rules *rules = account->layout->rules;
    struct hr_tally total = {HR_DECIMAL_ZERO, 0};
    for (uint16_t m = 0; m < rules->meter_count; m++) {
        const struct hr_meter *feature = &rules->meters[m];
        if (feature->feature && hr_trial_runs(account, feature->trial)) {
            struct hr_tally tally =
                hr_window_tally(account, m, window_over(feature, rules->signals[slot].span_us));
            hr_tally_merge(HR_COUNT, &total, &tally);
        }
    }
    return (struct hr_reading){
        .kind = HR_READING_NUMBER, .value = total.value, .of = HR_DECIMAL_ONE};
}

struct hr_time hr_trial_uses_due(const struct hr_account *account, uint16_t slot)
{
    const struct hr_rules *rules = account->layout->rules;
    struct hr_time due = HR_TIME_NEVER;
    for (uint16_t m = 0; m < rules->meter_count; m++) {
        const struct hr_meter *feature = &rules->meters[m];
        if (feature->feature) {
            due = hr_time_min(due, hr_trial_due(account, feature->trial));
            due = hr_time_min(
                due, hr_window_due(account, m, window_over(feature, rules->signals[slot].span_us)));
        }
    }
    return due;
}
