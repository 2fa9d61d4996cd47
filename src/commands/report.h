/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: from the books of all homes and the present of all accounts to a sheet. What is here
 * reads nothing and prints nothing, so that it is tested with books made by hand; report_read.c
 * gathers, report.c is the command. */
#ifndef HEADROOM_COMMANDS_REPORT_H
#define HEADROOM_COMMANDS_REPORT_H

#include "headroom/books.h"
#include "headroom/config.h"
#include "sheet.h"

#define HR_DEAL_KINDS 4 /* enum hr_deal */

/* What accounts are now, added up; of a segment's accounts where one was asked for. */
struct hr_present {
    int64_t accounts;
    int64_t customers; /* with an active subscription */
    int64_t priced;    /* of those, with an MRR in money.currency or with a rate */
    struct hr_decimal mrr;
    int64_t tenure_days; /* of customers */
    struct {
        int64_t deals;
        struct hr_decimal amount;
    } open[HR_DEAL_KINDS][HR_CHANCES];
    int64_t unpriced_deals; /* open, without an amount or a rate */
    int64_t promoters, detractors, nps_answers;
    int64_t csat_answers;
    struct hr_decimal csat;
    int64_t upgraded;       /* customers that paid more, within the report's months */
    int64_t first_upgrades; /* customers that ever did */
    int64_t first_upgrade_days;
    const struct hr_str *products;
    size_t product_count;
    int64_t *owned, *used; /* by product, of customers; used: of those that own it */
    int64_t *owning;       /* customers by number of products owned, 0 to product_count */
};

struct hr_report_facts {
    const struct hr_rules *rules;
    const struct hr_report_settings *settings;
    const struct hr_books *books;
    const struct hr_present *present;
    int32_t from, to;      /* months, both included */
    struct hr_str segment; /* empty: all */
};

/* Each fills a sheet that has its times, months, segment and currency already. */
typedef void hr_report_make(const struct hr_report_facts *facts, struct hr_sheet *sheet);
hr_report_make hr_report_funnel, hr_report_conversion, hr_report_retention, hr_report_breadth,
    hr_report_dashboard, hr_report_lift;

/* --- what they share (report_sums.c) ------------------------------------------------------------
 */

/* Sums of a label over the report's months; `columns` has as many as the book. */
void hr_report_sum(
    const struct hr_report_facts *facts, enum hr_book book, struct hr_str label, int64_t *columns);
/* Different labels of a book in any month up to the last, in order, in the arena. */
size_t hr_report_labels(const struct hr_report_facts *facts, enum hr_book book,
    struct hr_arena *arena, struct hr_str **labels);

/* Revenue of one month, or of several taken as one period; label NULL: of all segments. */
struct hr_revenue {
    struct hr_retention flows;
    int64_t customers, customers_end; /* at the start, at the end */
    int64_t amended;
};
struct hr_revenue hr_report_revenue(
    const struct hr_report_facts *facts, const struct hr_str *segment, int32_t from, int32_t to);
/* The report's first month that began with revenue; after its last month where there is none. */
int32_t hr_report_first_month(const struct hr_report_facts *facts, const struct hr_str *segment);

/* Minor units of money.currency, and those a period of a month brings in a year. */
struct hr_figure hr_report_money(const struct hr_report_facts *facts, int64_t minor);
struct hr_figure hr_report_yearly(struct hr_figure monthly);
struct hr_str hr_report_month(struct hr_arena *arena, int32_t month);
/* "above target". */
const char *hr_report_standing(enum hr_standing_to standing);
struct hr_target hr_report_target(
    const struct hr_report_facts *facts, enum hr_metric metric, bool less_is_better);
/* "3", "25% to 35%"; a dash without one. */
struct hr_str hr_report_target_text(
    struct hr_sheet *sheet, const struct hr_target *target, enum hr_datum_kind kind);

#endif
