/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Makes names under .test resolve from a table for the whole process; "never.test" never
 * answers; all others do not exist. */
void test_resolver_install (void);
