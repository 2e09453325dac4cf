// The door to libmicrohttpd. Static-inline wrappers for what Swift cannot call (variadics, macros) go here, prefixed nova_.
#pragma once
#include <microhttpd.h>
