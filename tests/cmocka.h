/* SPDX-License-Identifier: MIT */
/* cmocka.h wants these four before it; every test includes this instead. */
#ifndef LABSWITCH_TESTS_CMOCKA_H
#define LABSWITCH_TESTS_CMOCKA_H

#include <setjmp.h> /* IWYU pragma: keep */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
