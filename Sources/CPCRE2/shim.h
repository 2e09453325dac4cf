// The door to libpcre2 (8-bit). Static-inline wrappers for its macros go here, prefixed nova_.
#pragma once
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
