// The door to libcurl. Static-inline wrappers for what Swift cannot call (variadics, macros) go here, prefixed nova_.
#pragma once
#include "multi.h"
#include "client.h"
#include "transfer.h"
#include <curl/curl.h>
