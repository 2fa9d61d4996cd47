/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom report breadth`: how many of the products customers own, and how many own each. Of
 * accounts with an active subscription, as they are now: there is no history of it. */
#include "report.h"

#include <inttypes.h>

static void tell_products(const struct hr_report_facts *facts, struct hr_sheet *sheet)
{
    static const struct hr_column columns[] = {{"product", "Product"}, {"owners", ">Owners"},
        {"customers", ">Customers"}, {"attach_rate", ">Attach rate"}, {"used", ">Used by"},
        {"used_share", ">Of owners"}};
    const struct hr_present *present = facts->present;
    struct hr_table *table =
        hr_sheet_table(sheet, "products", HR_STR("Attach rate by product"), columns, 6);
    table->lead = HR_STR("Filled: owners, of customers. Hollow: users, of owners. Lines are 95% "
                         "intervals.");
    table->picture = HR_PICTURE_INTERVALS;
    memcpy(table->drawn, (const int[]){0, 1, 2, 4, 1}, sizeof(table->drawn));
    for (size_t p = 0; p < present->product_count; p++) {
        hr_table_row(sheet, table,
            (struct hr_datum[]){hr_datum_text(present->products[p]),
                hr_datum_count(present->owned[p]), hr_datum_count(present->customers),
                hr_datum_share(hr_figure_share(present->owned[p], present->customers)),
                hr_datum_count(present->used[p]),
                hr_datum_share(hr_figure_share(present->used[p], present->owned[p]))});
    }
    hr_table_note(sheet, table,
        HR_STR("Attach rate = customers who own the product / all customers. Used: by owners, in "
               "the last 30 days."));
}

static void tell_numbers(const struct hr_report_facts *facts, struct hr_sheet *sheet)
{
    static const struct hr_column columns[] = {
        {"products", ">Products owned"}, {"customers", ">Customers"}, {"share", ">Share"}};
    const struct hr_present *present = facts->present;
    struct hr_table *table =
        hr_sheet_table(sheet, "owned", HR_STR("Products per customer"), columns, 3);
    int64_t owned = 0;
    for (size_t n = 0; n <= present->product_count; n++) {
        owned += (int64_t)n * present->owning[n];
        hr_table_row(sheet, table,
            (struct hr_datum[]){hr_datum_count((int64_t)n), hr_datum_count(present->owning[n]),
                hr_datum_share(hr_figure_share(present->owning[n], present->customers))});
    }
    struct hr_datum mean = hr_datum_number(hr_figure_share(owned, present->customers), NULL);
    struct hr_str text = hr_datum_shown(sheet->arena, &mean);
    hr_table_note(sheet, table,
        hr_arena_printf(sheet->arena,
            "%.*s products a customer = %" PRId64 " owned / %" PRId64 " customers", (int)text.len,
            text.at, owned, present->customers));
}

void hr_report_breadth(const struct hr_report_facts *facts, struct hr_sheet *sheet)
{
    sheet->title = HR_STR("Breadth");
    sheet->lead = HR_STR("Products that customers own and use, as of now.");
    if (facts->present->product_count == 0) {
        hr_sheet_note(
            sheet, HR_STR("No products are configured: products and what plans hold of them."));
        return;
    }
    tell_products(facts, sheet);
    tell_numbers(facts, sheet);
}
